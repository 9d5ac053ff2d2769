"""Signing in at an OpenID Connect provider: authorization code with PKCE, and nothing of it believed unchecked.

The provider's own description is asked for and must name the issuer that is configured; every address in it must be as
safe as the issuer's. An ID token counts only with a signature of one of the provider's present keys, made with an
algorithm of ``keys.ALGORITHMS``: none of them is made with a secret, so no public key can pass for one.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from ivr.adapters.oidc.keys import decode, public_keys
from ivr.calls.people.single_sign_on import Identified, NotSignedIn, claim_at

SKEW_S = 60
"""How far the provider's clock may be from ours."""
TIMEOUT_S = 10.0
DESCRIPTION_S = 3600.0
"""How long the provider's description and keys are believed."""
AGAIN_S = 30.0
"""An unknown key makes us ask again for the keys, but not more often than this."""
AWAY_S = 2.0
"""How long a provider that could not be asked is not asked again."""
LONGEST = 512 * 1024
TOKEN_CHARS = 32 * 1024
_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")
LOCAL = ("localhost", "127.0.0.1", "::1")


class OidcProvider:
    """Implements ``ivr.calls.people.single_sign_on.Provider``."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        secret: str,
        redirect_uri: str,
        scopes: tuple[str, ...],
        clock: Callable[[], float] = time.time,
        wanted: tuple[str, ...] | None = None,
        uptime: Callable[[], float] = time.monotonic,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """``clock``: the time of day, as tokens have it; ``uptime``: what no change of it moves.

        ``wanted``: claims for which userinfo is asked where the ID token lacks one; None: it is always asked.
        """
        self._issuer = issuer
        self._client_id = client_id
        self._secret = secret
        self._redirect_uri = redirect_uri
        self._scopes = scopes
        self._wanted = wanted
        self._clock = clock
        self._uptime = uptime
        self._timeout_s = timeout_s
        self._away: tuple[float, str] | None = None
        """When the provider's description could not be had last, and why."""
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
        token, access = await self._exchange(about, answer["code"], verifier)
        claims = await self._claims(token, nonce)
        if "userinfo_endpoint" in about and (
            self._wanted is None or any(claim_at(claims, one) is None for one in self._wanted)
        ):
            claims = _with_userinfo(claims, await self._userinfo(about["userinfo_endpoint"], access))
        return Identified(f"{self._issuer} {claims['sub']}", claims)

    async def close(self) -> None:
        """Let the connections go."""
        if self._http is not None:
            await self._http.close()

    # -- what the provider says of itself

    async def _description(self) -> dict[str, Any]:
        async with self._lock:
            if self._described is None or self._uptime() - self._described[0] > DESCRIPTION_S:
                if self._away is not None and self._uptime() - self._away[0] < AWAY_S:
                    raise NotSignedIn(self._away[1])  # whoever has waited behind the first one does not wait again
                address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
                try:
                    described = self._checked(await self._ask("GET", address))
                except NotSignedIn as error:
                    self._away = (self._uptime(), str(error))
                    raise
                self._described, self._away = (self._uptime(), described), None
            return self._described[1]

    def _checked(self, about: dict[str, Any]) -> dict[str, Any]:
        if about.get("issuer") != self._issuer:
            raise NotSignedIn("the provider's description names another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            self._refuse_unsafe(name, about.get(name))
        return about

    def _refuse_unsafe(self, name: str, address: Any) -> None:
        if not (isinstance(address, str) and is_safe(address, self._issuer)):
            raise NotSignedIn(f"the provider's {name} is no safe address")

    async def _key_set(self, again: bool = False) -> KeySet:
        async with self._lock:
            now = self._uptime()
            old = self._keys is None or now - self._keys[0] > (AGAIN_S if again else DESCRIPTION_S)
            if self._keys is None or old:
                assert self._described is not None
                self._keys = (now, public_keys(await self._ask("GET", self._described[1]["jwks_uri"])))
            return self._keys[1]

    # -- what it says of people

    async def _exchange(self, about: dict[str, Any], code: str, verifier: str) -> tuple[str, Any]:
        """The ID token, and whatever there is of an access token."""
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
        return token, told.get("access_token")

    async def _userinfo(self, address: Any, access: Any) -> dict[str, Any]:
        """What the provider says of the person beside the token."""
        self._refuse_unsafe("userinfo_endpoint", address)
        if not (isinstance(access, str) and len(access) <= TOKEN_CHARS and _BEARER.fullmatch(access)):
            raise NotSignedIn("the provider gave no access token to ask for the person's claims with")
        return await self._ask("GET", address, headers={"Authorization": f"Bearer {access}"})

    async def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        try:
            try:
                decoded = decode(token, await self._key_set())
            except InvalidKeyIdError:
                decoded = decode(token, await self._key_set(again=True))  # the provider has changed its keys
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
            timeout = aiohttp.ClientTimeout(total=self._timeout_s)
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


def _with_userinfo(claims: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """The claims of both; what the signed token says wins."""
    if told.get("sub") != claims["sub"]:
        raise NotSignedIn("the provider's userinfo is of somebody else")
    if "email" in claims and told.get("email") != claims["email"]:
        told = {name: value for name, value in told.items() if name != "email_verified"}  # it is of the other address
    return {**told, **claims}


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
