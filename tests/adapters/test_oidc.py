"""Our side of OpenID Connect against a real provider: what it says rightly, and everything else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from ivr.adapters.oidc import AGAIN_S, DESCRIPTION_S, SKEW_S, OidcProvider, is_safe
from ivr.calls.access import Identified, NotSignedIn
from tests.oidc_provider import CLIENT, SECRET, Claims, SmallProvider, providing

BACK = "http://127.0.0.1:1/sign-in/oidc/back"
STATE, NONCE, VERIFIER = "s" * 43, "n" * 43, "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


class Clock:
    """The real time, and some."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
async def small() -> AsyncIterator[SmallProvider]:
    async with providing() as made:
        made.redirects = [BACK]
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def client(small: SmallProvider, clock: Clock) -> AsyncIterator[OidcProvider]:
    made = OidcProvider(small.issuer, CLIENT, SECRET, BACK, ("openid", "email"), clock)
    yield made
    await made.close()


async def visit(client: OidcProvider) -> dict[str, str]:
    """Be a browser: go there, and come back with the answer."""
    address = await client.door(STATE, NONCE, CHALLENGE)
    async with aiohttp.ClientSession() as http, http.get(address, allow_redirects=False) as answer:
        assert answer.status == 302, await answer.text()
        back = answer.headers["Location"]
    assert back.startswith(BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


async def sign_in(client: OidcProvider) -> Identified:
    return await client.identify(await visit(client), STATE, NONCE, VERIFIER)


# -- as it should be


async def test_whom_the_provider_lets_in_is_known(small: SmallProvider, client: OidcProvider) -> None:
    who = await sign_in(client)
    assert who.subject == f"{small.issuer} u-1"
    assert (who.claims["preferred_username"], who.claims["email"]) == ("sue", "sue@example.com")
    assert small.asked == ["/.well-known/openid-configuration", "/authorize", "/token", "/keys"]
    await sign_in(client)
    assert small.asked[4:] == ["/authorize", "/token"], "what was described is remembered"


@pytest.mark.parametrize(
    ("key", "alg"),
    [
        (lambda: RSAKey.generate_key(2048, {"kid": "two"}), "PS256"),
        (lambda: ECKey.generate_key("P-256", {"kid": "two"}), "ES256"),
        (lambda: ECKey.generate_key("P-384", {"kid": "two"}), "ES384"),
    ],
)
async def test_new_key_is_fetched_when_the_provider_signs_with_one(
    small: SmallProvider, client: OidcProvider, clock: Clock, key: Callable[[], Any], alg: str
) -> None:
    await sign_in(client)
    small.rotate(key(), alg)
    clock.ahead = AGAIN_S + 1
    assert (await sign_in(client)).claims["sub"] == "u-1"
    assert small.asked.count("/keys") == 2


async def test_unknown_keys_do_not_make_us_ask_without_end(
    small: SmallProvider, client: OidcProvider, clock: Clock
) -> None:
    await sign_in(client)
    small.alter = lambda header, claims: header.update(kid="nobody knows")
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await sign_in(client)
    assert small.asked.count("/keys") == 1
    clock.ahead = AGAIN_S + 1
    with pytest.raises(NotSignedIn):
        await sign_in(client)
    assert small.asked.count("/keys") == 2
    clock.ahead = DESCRIPTION_S + 2
    small.alter = lambda header, claims: None
    small.user["exp"] = time.time() + 2 * DESCRIPTION_S
    await sign_in(client)
    assert small.asked.count("/.well-known/openid-configuration") == 2


async def test_key_that_is_taken_away_lets_nobody_in(small: SmallProvider, client: OidcProvider, clock: Clock) -> None:
    await sign_in(client)
    stolen = small.keys[0]
    small.rotate(RSAKey.generate_key(2048, {"kid": "two"}), "RS256")
    clock.ahead = DESCRIPTION_S + 1
    small.user["exp"] = time.time() + 2 * DESCRIPTION_S
    small.token = lambda header, claims: jwt.encode({**header, "kid": "one"}, claims, stolen)
    with pytest.raises(NotSignedIn):
        await sign_in(client)


@pytest.mark.parametrize(
    ("ahead", "right"), [(-SKEW_S + 5, True), (300 + SKEW_S - 5, True), (-SKEW_S - 5, False), (300 + SKEW_S + 5, False)]
)
async def test_clocks_may_differ_by_a_minute(client: OidcProvider, clock: Clock, ahead: float, right: bool) -> None:
    answer = await visit(client)
    clock.ahead = ahead
    if right:
        await client.identify(answer, STATE, NONCE, VERIFIER)
    else:
        with pytest.raises(NotSignedIn):
            await client.identify(answer, STATE, NONCE, VERIFIER)


async def test_secret_is_sent_in_the_form_where_the_provider_wants_it_there(
    small: SmallProvider, client: OidcProvider
) -> None:
    small.describe = lambda about: about.update(token_endpoint_auth_methods_supported=["client_secret_post"])
    with pytest.raises(NotSignedIn, match="invalid_client"):
        await sign_in(client)  # this provider knows the other way only; it was asked in the way it had named


# -- tokens that do not hold

LATER = 10**10


def changed(**claims: Any) -> Callable[[Claims, Claims], None]:
    return lambda header, all_claims: all_claims.update(claims)


def without(name: str) -> Callable[[Claims, Claims], None]:
    return lambda header, claims: claims.pop(name)


@pytest.mark.parametrize(
    "alter",
    [
        changed(nonce="x" * 43), changed(nonce=""), changed(nonce=None), without("nonce"),
        changed(iss="https://evil.example"), changed(iss=["x"]), without("iss"),
        changed(aud="somebody else"), changed(aud=[]), changed(aud=["somebody else"]), changed(aud=[CLIENT, "somebody else"]),
        changed(aud=[CLIENT, "other"], azp="other"), changed(azp="other"), changed(aud={"x": CLIENT}),
        changed(aud=[CLIENT, 5]), without("aud"),
        changed(exp=1), changed(exp=-LATER), changed(exp="soon"), changed(exp=None), changed(exp=True), without("exp"),
        changed(iat=LATER), changed(iat="now"), without("iat"), changed(nbf=LATER),
        changed(sub=""), changed(sub=None), changed(sub=5), changed(sub="x" * 256), without("sub"),
        lambda header, claims: header.update(typ="at+jwt"), lambda header, claims: header.update(typ="logout+jwt"),
        lambda header, claims: header.update(kid="other"),
    ],
)  # fmt: skip
async def test_token_that_says_something_wrong_lets_nobody_in(
    small: SmallProvider, client: OidcProvider, alter: Callable[[Claims, Claims], None]
) -> None:
    small.alter = alter
    with pytest.raises(NotSignedIn):
        await sign_in(client)


async def test_token_for_us_among_others_counts_when_it_was_made_for_us(
    small: SmallProvider, client: OidcProvider
) -> None:
    small.alter = changed(aud=[CLIENT, "somebody else"], azp=CLIENT)
    await sign_in(client)


def b64(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unsigned(header: Claims, claims: Claims) -> str:
    return f"{b64({**header, 'alg': 'none'})}.{b64(claims)}."


def with_no_signature(header: Claims, claims: Claims) -> str:
    return f"{b64(header)}.{b64(claims)}."


def stranger() -> RSAKey:
    """A key that calls itself by the name of the provider's."""
    return RSAKey.generate_key(2048, {"kid": "one"})


def test_attacks_are_what_they_should_be() -> None:
    assert json.loads(base64.urlsafe_b64decode(unsigned({"alg": "x"}, {}).split(".")[0] + "==")) == {"alg": "none"}


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", "HS256", "RS1", "RSA1_5", "dir"])
async def test_algorithm_that_is_none_or_made_with_a_secret_is_refused(
    small: SmallProvider, client: OidcProvider, alg: str
) -> None:
    public = small.keys[0].as_pem(private=False)

    def forge(header: Claims, claims: Claims) -> str:
        """Signed with what everybody knows: the public key, as if it were a secret."""
        start = f"{b64({**header, 'alg': alg})}.{b64(claims)}"
        return f"{start}.{b64(hmac.digest(public, start.encode(), 'sha256'))}"

    for make in (forge, lambda h, c: unsigned({**h, "alg": alg}, c)):
        small.token = make
        with pytest.raises(NotSignedIn):
            await sign_in(client)


@pytest.mark.parametrize(
    "make",
    [
        unsigned,
        with_no_signature,
        lambda header, claims: "x",
        lambda header, claims: "..",
        lambda header, claims: f"{b64([])}.{b64(claims)}.x",
        lambda header, claims: f"{b64({'alg': ['RS256']})}.{b64(claims)}.x",
        lambda header, claims: "x" * 40_000,
        lambda header, claims: jwt.encode(header, claims, stranger()),
        lambda header, claims: jwt.encode({**header, "alg": "HS256", "jwk": {"kty": "oct"}}, claims, OctKey.generate_key()),
        lambda header, claims: jwt.encode({**header, "jku": "https://evil.example/keys"}, claims, stranger()),
        lambda header, claims: jwt.encode({**header, "crit": ["exp"]}, claims, stranger()),
    ],
)  # fmt: skip
async def test_token_that_nobody_signed_is_refused(
    small: SmallProvider, client: OidcProvider, make: Callable[[Claims, Claims], str]
) -> None:
    small.token = make
    with pytest.raises(NotSignedIn):
        await sign_in(client)


async def test_signature_of_another_token_is_refused(small: SmallProvider, client: OidcProvider) -> None:
    def mixed(header: Claims, claims: Claims) -> str:
        mine = jwt.encode(header, claims, small.keys[0])
        head, _, signature = mine.split(".")
        return f"{head}.{b64({**claims, 'preferred_username': 'root'})}.{signature}"

    small.token = mixed
    with pytest.raises(NotSignedIn):
        await sign_in(client)


async def test_keys_that_are_secrets_or_not_for_signing_are_left_out(
    small: SmallProvider, client: OidcProvider
) -> None:
    known = "A" * 43
    keys = [{"kty": "oct", "k": known, "kid": "one"}, {"kty": "RSA", "kid": "one"}, {"kty": "new"}, "x", None]
    small.broken["/keys"] = web.json_response({"keys": keys})
    small.token = lambda header, claims: jwt.encode(
        {**header, "alg": "HS256"}, claims, OctKey.import_key({"kty": "oct", "k": known})
    )
    with pytest.raises(NotSignedIn):
        await sign_in(client)
    use = {**small.keys[0].as_dict(private=False), "use": "enc"}
    small.broken["/keys"] = web.json_response({"keys": [use]})
    small.token = None
    with pytest.raises(NotSignedIn):
        await sign_in(client)


# -- answers that do not belong


async def test_code_counts_once_and_with_its_verifier_only(client: OidcProvider) -> None:
    answer = await visit(client)
    await client.identify(answer, STATE, NONCE, VERIFIER)
    with pytest.raises(NotSignedIn, match="invalid_grant"):
        await client.identify(answer, STATE, NONCE, VERIFIER)
    answer = await visit(client)
    with pytest.raises(NotSignedIn, match="invalid_grant"):
        await client.identify(answer, STATE, NONCE, "w" * 43)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"state": "x" * 43}, "another sign-in"),
        ({"state": None}, "another sign-in"),
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"iss": ""}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"code": None}, "no code"),
        ({"code": ""}, "no code"),
        ({"code": "guessed"}, "invalid_grant"),
        ({"error": "access_denied"}, "'access_denied'"),
    ],
)
async def test_answer_that_does_not_belong_is_refused(client: OidcProvider, changes: dict[str, Any], why: str) -> None:
    answer = {name: value for name, value in {**(await visit(client)), **changes}.items() if value is not None}
    with pytest.raises(NotSignedIn, match=why):
        await client.identify(answer, STATE, NONCE, VERIFIER)


async def test_issuer_in_the_answer_is_not_missed_where_the_provider_sends_none(
    small: SmallProvider, client: OidcProvider
) -> None:
    small.describe = lambda about: about.pop("authorization_response_iss_parameter_supported")
    answer = await visit(client)
    del answer["iss"]
    await client.identify(answer, STATE, NONCE, VERIFIER)


# -- a provider that is not what it says


@pytest.mark.parametrize(
    ("about", "why"),
    [
        ({"issuer": "https://evil.example"}, "another issuer"),
        ({"issuer": None}, "another issuer"),
        ({"token_endpoint": "http://evil.example/token"}, "token_endpoint is no safe address"),
        ({"token_endpoint": "ftp://127.0.0.1/token"}, "token_endpoint is no safe address"),
        ({"jwks_uri": "http://192.0.2.1/keys"}, "jwks_uri is no safe address"),
        ({"jwks_uri": "file:///etc/passwd"}, "jwks_uri is no safe address"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint is no safe address"),
        ({"authorization_endpoint": "https://user@evil.example/"}, "authorization_endpoint is no safe address"),
        ({"authorization_endpoint": None}, "authorization_endpoint is no safe address"),
        ({"authorization_endpoint": ["x"]}, "authorization_endpoint is no safe address"),
    ],
)
async def test_description_that_leads_elsewhere_is_not_followed(
    small: SmallProvider, client: OidcProvider, about: Claims, why: str
) -> None:
    small.describe = lambda described: described.update(about)
    with pytest.raises(NotSignedIn, match=why):
        await client.door(STATE, NONCE, CHALLENGE)


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
@pytest.mark.parametrize(
    "instead",
    [
        None,
        web.Response(status=500, text="oops"),
        web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}),
        web.Response(text="not JSON"),
        web.Response(text="[1]"),
        web.Response(text="[" * 100_000),
        web.Response(body=b'{"a":"' + b"x" * 600_000 + b'"}'),
        web.json_response({"error": "no"}, status=400),
        web.json_response({}),
    ],
    ids=["gone", "500", "redirect", "text", "list", "deep", "long", "error", "empty"],
)
async def test_provider_that_misbehaves_lets_nobody_in(
    small: SmallProvider, client: OidcProvider, path: str, instead: web.Response | None
) -> None:
    small.broken[path] = instead
    with pytest.raises(NotSignedIn) as refused:
        await sign_in(client)
    assert SECRET not in str(refused.value) and VERIFIER not in str(refused.value)
    small.broken.clear()
    await sign_in(client)


@pytest.mark.parametrize(
    ("address", "issuer", "safe"),
    [
        ("https://a.example/x", "https://b.example", True),
        ("http://localhost:1/x", "http://127.0.0.1:2", True),
        ("http://localhost/x", "https://b.example", False),
        ("http://a.example/x", "http://127.0.0.1", False),
        ("https://a.example/x#y", "https://a.example", False),
        ("https:///x", "https://a.example", False),
        ("http://[", "http://127.0.0.1", False),
        ("", "https://a.example", False),
    ],
)
def test_address_is_as_safe_as_the_issuers(address: str, issuer: str, safe: bool) -> None:
    assert is_safe(address, issuer) == safe
