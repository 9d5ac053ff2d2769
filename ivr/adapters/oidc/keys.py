"""The keys of an OIDC provider, and what they have signed."""

from __future__ import annotations

from typing import Any

import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from ivr.calls.people.single_sign_on import NotSignedIn

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
MOST_KEYS = 100
LONGEST_KEY = 1400
"""Characters of a key's numbers: 8192 bits. Longer ones would hold up the loop, and with it calls, at each signature."""

log = structlog.get_logger(__name__)


def public_keys(told: dict[str, Any]) -> KeySet:
    """The keys that signatures may be checked with; secrets and kinds that we do not know are left out."""
    listed = told.get("keys")
    keys: list[RSAKey | ECKey | OKPKey] = []
    if isinstance(listed, list) and len(listed) > MOST_KEYS:
        raise NotSignedIn(f"the provider names {len(listed)} keys: more than {MOST_KEYS}")
    for raw in listed if isinstance(listed, list) else []:
        if not isinstance(raw, dict) or raw.get("use", "sig") != "sig":
            continue
        if any(
            isinstance(value, str) and len(value) > LONGEST_KEY
            for name, value in raw.items()
            if name in ("n", "e", "x", "y")
        ):
            log.warning("key of the provider left out", kid=str(raw.get("kid"))[:60], why="too long")
            continue
        try:
            match raw.get("kty"):
                case "RSA":
                    keys.append(RSAKey.import_key(raw))
                case "EC":
                    keys.append(ECKey.import_key(raw))
                case "OKP":
                    keys.append(OKPKey.import_key(raw))
        except (JoseError, ValueError, TypeError, KeyError):
            log.warning("key of the provider left out", kid=str(raw.get("kid"))[:60])
    if not keys:
        raise NotSignedIn("the provider has no key that we could use")
    return KeySet(list(keys))


def decode(token: str, keys: KeySet) -> jwt.Token:
    """A token, when one of these keys has signed it; raises what joserfc raises."""
    registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
    return jwt.decode(token, keys, registry=registry)
