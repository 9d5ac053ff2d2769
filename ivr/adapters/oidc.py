"""Signing in at an OpenID Connect provider: authorization code with PKCE, and nothing of it believed unchecked.

The provider's own description is asked for and must name the issuer that is configured; every address in it must be as
safe as the issuer's. An ID token counts only with a signature of one of the provider's present keys, made with an
algorithm of ``ALGORITHMS``: none of them is made with a secret, so no public key can pass for one.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
import structlog
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from ivr.calls.access import Identified, NotSignedIn

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
SKEW_S = 60
"""How far the provider's clock may be from ours."""
TIMEOUT_S = 10.0
DESCRIPTION_S = 3600.0
"""How long the provider's description and keys are believed."""
AGAIN_S = 30.0
"""An unknown key makes us ask again for the keys, but not more often than this."""
LONGEST = 512 * 1024
TOKEN_CHARS = 32 * 1024
LOCAL = ("localhost", "127.0.0.1", "::1")

log = structlog.get_logger(__name__)


class OidcProvider:
    """Implements ``ivr.calls.access.Provider``."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        secret: str,
        redirect_uri: str,
        scopes: tuple[str, ...],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._secret = secret
        self._redirect_uri = redirect_uri
        self._scopes = scopes
        self._clock = clock
        self._http: aiohttp.ClientSession | None = None
        self._described: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._lock = asyncio.Lock()

    async def door(self, state: str, nonce: str, challenge: str) -> str:
        """The address at which people sign in there."""
        about = await self._description()
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": " ".join(self._scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address: str = about["authorization_endpoint"]
        return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked, quote_via=quote)}"

    async def identify(self, answer: Mapping[str, str], state: str, nonce: str, verifier: str) -> Identified:
        """Whom the answer stands for that the provider has sent a browser back with."""
        about = await self._description()
        if answer.get("state") != state:
            raise NotSignedIn("the answer belongs to another sign-in")
        named = answer.get("iss")
        if named != self._issuer and (
            named is not None or about.get("authorization_response_iss_parameter_supported") is True
        ):
            raise NotSignedIn("the answer comes from another issuer")
        if "error" in answer:
            raise NotSignedIn(f"the provider says {answer['error'][:60]!r}")
        if not answer.get("code"):
            raise NotSignedIn("the answer has no code")
        token = await self._exchange(about, answer["code"], verifier)
        claims = await self._claims(token, nonce)
        return Identified(f"{self._issuer} {claims['sub']}", claims)

    async def close(self) -> None:
        """Let the connections go."""
        if self._http is not None:
            await self._http.close()

    # -- what the provider says of itself

    async def _description(self) -> dict[str, Any]:
        async with self._lock:
            if self._described is None or self._clock() - self._described[0] > DESCRIPTION_S:
                address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
                self._described = (self._clock(), self._checked(await self._ask("GET", address)))
            return self._described[1]

    def _checked(self, about: dict[str, Any]) -> dict[str, Any]:
        if about.get("issuer") != self._issuer:
            raise NotSignedIn("the provider's description names another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not (isinstance(about.get(name), str) and is_safe(about[name], self._issuer)):
                raise NotSignedIn(f"the provider's {name} is no safe address")
        return about

    async def _key_set(self, again: bool = False) -> KeySet:
        async with self._lock:
            now = self._clock()
            old = self._keys is None or now - self._keys[0] > (AGAIN_S if again else DESCRIPTION_S)
            if self._keys is None or old:
                assert self._described is not None
                self._keys = (now, _public_keys(await self._ask("GET", self._described[1]["jwks_uri"])))
            return self._keys[1]

    # -- what it says of people

    async def _exchange(self, about: dict[str, Any], code: str, verifier: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
            "client_id": self._client_id,
        }
        headers = {}
        if self._secret:
            ways = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
            if "client_secret_basic" in ways or "client_secret_post" not in ways:
                # quoted before it is put together (RFC 6749, 2.3.1): either may have a colon in it
                names = quote(self._client_id, safe=""), quote(self._secret, safe="")
                headers["Authorization"] = aiohttp.encode_basic_auth(*names)
            else:
                form["client_secret"] = self._secret
        told = await self._ask("POST", about["token_endpoint"], data=form, headers=headers)
        token = told.get("id_token")
        if not isinstance(token, str) or len(token) > TOKEN_CHARS:
            raise NotSignedIn("the provider gave no ID token")
        return token

    async def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        try:
            try:
                decoded = _decode(token, await self._key_set())
            except InvalidKeyIdError:
                decoded = _decode(token, await self._key_set(again=True))  # the provider has changed its keys
            checks = JWTClaimsRegistry(
                now=lambda: int(self._clock()),
                leeway=SKEW_S,
                iss={"essential": True, "value": self._issuer},
                aud={"essential": True, "value": self._client_id},
                nonce={"essential": True, "value": nonce},
                exp={"essential": True},
                iat={"essential": True},
                sub={"essential": True},
            )
            checks.validate(decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise NotSignedIn(f"the ID token does not hold: {type(error).__name__}: {error}"[:200]) from error
        self._refuse_others(decoded.header, decoded.claims)
        return decoded.claims

    def _refuse_others(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
        """Tokens that are for somebody else as well, or no ID tokens at all."""
        if str(header.get("typ", "JWT")).upper() != "JWT":
            raise NotSignedIn("that is no ID token, but another kind")
        others = isinstance(claims["aud"], list) and claims["aud"] != [self._client_id]
        if (others or "azp" in claims) and claims.get("azp") != self._client_id:
            raise NotSignedIn("the ID token was made for somebody else")
        if not claims["sub"] or len(claims["sub"]) > 255:
            raise NotSignedIn("the ID token names nobody")

    # -- asking it

    async def _ask(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        if self._http is None:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
            self._http = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
        try:
            # A redirect would lead where nobody has looked.
            async with self._http.request(method, address, allow_redirects=False, **more) as answer:
                raw = await answer.content.read(LONGEST + 1)
                while len(raw) <= LONGEST and (rest := await answer.content.read(LONGEST + 1 - len(raw))):
                    raw += rest
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NotSignedIn(f"the provider cannot be reached: {type(error).__name__}") from error
        what = f"{method} {urlsplit(address).path}: "
        if len(raw) > LONGEST:
            raise NotSignedIn(f"{what}the answer is too long")
        try:
            told = json.loads(raw)
        except (ValueError, RecursionError):
            raise NotSignedIn(f"{what}HTTP {answer.status}, and no JSON") from None
        if answer.status != 200 or not isinstance(told, dict):
            error_name = str(told.get("error", ""))[:60] if isinstance(told, dict) else ""
            raise NotSignedIn(f"{what}HTTP {answer.status} {error_name!r}")
        return told


def is_safe(address: str, issuer: str) -> bool:
    """Whether secrets may go there: over TLS, or on this machine when the issuer is on it, too."""
    try:
        parts, home = urlsplit(address), urlsplit(issuer)
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None or parts.fragment:
        return False
    local = parts.scheme == home.scheme == "http" and parts.hostname in LOCAL and home.hostname in LOCAL
    return parts.scheme == "https" or local


def _public_keys(told: dict[str, Any]) -> KeySet:
    """The keys that signatures may be checked with; secrets and kinds that we do not know are left out."""
    listed = told.get("keys")
    keys: list[RSAKey | ECKey | OKPKey] = []
    for raw in listed if isinstance(listed, list) else []:
        if not isinstance(raw, dict) or raw.get("use", "sig") != "sig":
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


def _decode(token: str, keys: KeySet) -> jwt.Token:
    registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
    return jwt.decode(token, keys, registry=registry)
