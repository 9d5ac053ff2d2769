"""Our side of OpenID Connect against a real provider: what it says rightly, and everything else."""

from __future__ import annotations

import asyncio
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

from ivr.adapters.oidc import AGAIN_S, AWAY_S, DESCRIPTION_S, SKEW_S, OidcProvider, is_safe
from ivr.calls.people.single_sign_on import Identified, NotSignedIn
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
    made = OidcProvider(small.issuer, CLIENT, SECRET, BACK, ("openid", "email"), clock, uptime=clock, timeout_s=5.0)
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


def by_secret(secret: str) -> Callable[[Claims, Claims], str]:
    """Signed with HMAC, by something that others know, too."""

    def make(header: Claims, claims: Claims) -> str:
        start = f"{b64({**header, 'alg': 'HS256'})}.{b64(claims)}"
        return f"{start}.{b64(hmac.digest(secret.encode(), start.encode(), 'sha256'))}"

    return make


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
        by_secret(CLIENT),
        by_secret(SECRET),
        by_secret(""),
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
    small: SmallProvider, client: OidcProvider, clock: Clock, path: str, instead: web.Response | None
) -> None:
    small.broken[path] = instead
    with pytest.raises(NotSignedIn) as refused:
        await sign_in(client)
    assert SECRET not in str(refused.value) and VERIFIER not in str(refused.value)
    small.broken.clear()
    clock.ahead = AWAY_S + 1
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


# -- claims that stand beside the token


async def test_claims_that_are_only_in_userinfo_are_known(small: SmallProvider, client: OidcProvider) -> None:
    small.user = {"sub": "u-1"}
    small.userinfo = {
        "sub": "u-1",
        "preferred_username": "sue",
        "email": "sue@example.com",
        "email_verified": True,
        "iss": "x",
    }
    claims = (await sign_in(client)).claims
    assert (claims["preferred_username"], claims["email_verified"], claims["iss"]) == ("sue", True, small.issuer)


async def test_what_the_signed_token_says_wins(small: SmallProvider, client: OidcProvider) -> None:
    small.user = {"sub": "u-1", "groups": ["agents"], "email": "sue@example.com"}
    small.userinfo = {"sub": "u-1", "groups": ["admins"], "email": "eve@example.com", "email_verified": True}
    claims = (await sign_in(client)).claims
    assert claims["groups"] == ["agents"] and "email_verified" not in claims, "another address was verified"


@pytest.mark.parametrize(("wanted", "asked"), [(("sub",), 0), (("realm_access.roles",), 1), (None, 1), ((), 0)])
async def test_userinfo_is_asked_for_what_is_lacking(
    small: SmallProvider, wanted: tuple[str, ...] | None, asked: int
) -> None:
    small.userinfo = {"sub": "u-1"}
    client = OidcProvider(small.issuer, CLIENT, SECRET, BACK, ("openid",), wanted=wanted)
    await sign_in(client)
    await client.close()
    assert small.asked.count("/userinfo") == asked


@pytest.mark.parametrize(
    "told", [{}, {"sub": "u-2"}, {"sub": None}, {"sub": ["u-1"]}, {"preferred_username": "admin"}, [], "u-1", None, 5]
)
async def test_userinfo_of_somebody_else_lets_nobody_in(small: SmallProvider, client: OidcProvider, told: Any) -> None:
    small.userinfo = {}
    small.broken["/userinfo"] = web.json_response(told)
    with pytest.raises(NotSignedIn):
        await sign_in(client)


@pytest.mark.parametrize(
    "instead",
    [None, web.Response(status=500), web.Response(text="eyJ.signed.jwt", content_type="application/jwt"),
     web.Response(body=b"{" * 600_000), web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"})],
    ids=["nothing", "a fault", "a signed one", "endless", "a redirect"],
)  # fmt: skip
async def test_userinfo_that_fails_lets_nobody_in(
    small: SmallProvider, client: OidcProvider, instead: web.Response | None
) -> None:
    small.userinfo = {}
    small.broken["/userinfo"] = instead
    with pytest.raises(NotSignedIn):
        await sign_in(client)


@pytest.mark.parametrize("access", [None, "", 5, "a\r\nX: y", "ü", "x" * 40_000, ["a"]])
async def test_access_token_that_is_none_is_not_sent(small: SmallProvider, client: OidcProvider, access: Any) -> None:
    small.userinfo, small.access = {"sub": "u-1"}, access
    with pytest.raises(NotSignedIn, match="no access token"):
        await sign_in(client)
    assert "/userinfo" not in small.asked


@pytest.mark.parametrize("address", ["http://example.com/userinfo", "ftp://x", 5, None, "https://a@b/", ""])
async def test_userinfo_elsewhere_is_not_asked(small: SmallProvider, client: OidcProvider, address: Any) -> None:
    small.userinfo = {"sub": "u-1"}
    small.describe = lambda about: about.update(userinfo_endpoint=address)
    with pytest.raises(NotSignedIn, match="userinfo_endpoint is no safe address"):
        await sign_in(client)


# -- a provider that costs time


async def test_token_of_another_sign_in_is_refused(small: SmallProvider, client: OidcProvider) -> None:
    """A token that was right once, for the same person and this house: its nonce is of another sign-in."""
    kept = []

    def keep(header: Claims, claims: Claims) -> str:
        kept.append(jwt.encode(header, claims, small.keys[0]))
        return kept[0]

    small.token = keep
    await sign_in(client)
    answer = await visit(client)
    with pytest.raises(NotSignedIn, match="nonce"):
        await client.identify(answer, STATE, "m" * 43, VERIFIER)


async def test_thousands_of_keys_are_not_read(small: SmallProvider, client: OidcProvider) -> None:
    small.broken["/keys"] = web.json_response(
        {"keys": [{"kty": "OKP", "kid": str(number)} for number in range(10_000)]}
    )
    with pytest.raises(NotSignedIn, match="10000 keys"):
        await sign_in(client)


@pytest.mark.parametrize("part", ["n", "e"])
async def test_key_that_would_take_seconds_at_each_signature_is_left_out(
    small: SmallProvider, client: OidcProvider, part: str
) -> None:
    long = {**small.keys[0].as_dict(private=False), part: "_" * 100_000}
    small.broken["/keys"] = web.json_response({"keys": [long]})
    with pytest.raises(NotSignedIn, match="no key that we could use"):
        await sign_in(client)


async def test_provider_that_never_ends_its_answer_holds_nobody_long(small: SmallProvider) -> None:
    """Ten people at once wait for it once, not one after the other."""
    asked = 0

    async def dribble(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.05)

    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", dribble)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    clock = Clock()
    issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    slow = OidcProvider(issuer, CLIENT, SECRET, BACK, ("openid",), clock, uptime=clock, timeout_s=0.5)
    try:
        told = await asyncio.gather(*(slow.door(STATE, NONCE, CHALLENGE) for _ in range(10)), return_exceptions=True)
        assert all(isinstance(one, NotSignedIn) for one in told) and asked == 1
        clock.ahead = AWAY_S + 1
        with pytest.raises(NotSignedIn):
            await slow.door(STATE, NONCE, CHALLENGE)
        assert asked == 2, "it is asked again"
    finally:
        await slow.close()
        await runner.cleanup()


async def test_time_that_is_put_back_keeps_no_key_for_longer(small: SmallProvider) -> None:
    day, uptime = Clock(), Clock()
    client = OidcProvider(small.issuer, CLIENT, SECRET, BACK, ("openid",), day, uptime=uptime)
    try:
        await sign_in(client)
        stolen = small.keys[0]
        small.rotate(RSAKey.generate_key(2048, {"kid": "two"}), "RS256")
        day.ahead, uptime.ahead = -10 * DESCRIPTION_S, DESCRIPTION_S + 1
        small.user["iat"], small.user["exp"] = int(day()), int(day()) + 300
        small.token = lambda header, claims: jwt.encode({**header, "kid": "one"}, claims, stolen)
        with pytest.raises(NotSignedIn):
            await sign_in(client)
        small.token = None
        await sign_in(client)
    finally:
        await client.close()
