"""A small OpenID Connect provider that runs in a test: its own keys, real signatures, and every way to misbehave."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

from aiohttp import encode_basic_auth, web
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

CLIENT, SECRET = "house:1", "s3cret/+ %"
Claims = dict[str, Any]


class SmallProvider:
    """The provider; what a test changes of it holds from then on."""

    def __init__(self) -> None:
        self.issuer = ""
        self.keys: list[RSAKey | ECKey] = [RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})]
        self.alg = "RS256"
        self.user: Claims = {
            "sub": "u-1",
            "preferred_username": "sue",
            "email": "sue@example.com",
            "email_verified": True,
        }
        self.alter: Callable[[Claims, Claims], None] = lambda header, claims: None
        """Changes header and claims of an ID token before it is signed."""
        self.token: Callable[[Claims, Claims], str] | None = None
        """Makes the whole ID token instead."""
        self.describe: Callable[[Claims], None] = lambda about: None
        self.answer: Callable[[dict[str, str]], None] = lambda query: None
        """Changes what the browser is sent back with."""
        self.userinfo: Claims | None = None
        """What its userinfo says; None: it has none."""
        self.access: Any = "acc.ess-1/+="
        self.asks = False
        """Show people a page on which they must press a button, as real ones do."""
        self.redirects: list[str] = []
        self.codes: dict[str, Claims] = {}
        self.asked: list[str] = []
        self.broken: dict[str, web.Response | None] = {}
        """Path → what it answers instead; None: nothing, ever."""

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._note])
        app.add_routes([
            web.get("/.well-known/openid-configuration", self._about), web.get("/authorize", self._authorize),
            web.post("/agree", self._agree), web.post("/token", self._token), web.get("/keys", self._keys),
            web.get("/userinfo", self._userinfo),
        ])  # fmt: skip
        return app

    def rotate(self, key: RSAKey | ECKey, alg: str) -> None:
        """From now on it signs with another key, and the old one is gone."""
        self.keys, self.alg = [key], alg

    @web.middleware
    async def _note(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked.append(request.path)
        if request.path in self.broken:
            instead = self.broken[request.path]
            if instead is None:
                assert request.transport
                request.transport.abort()
                return web.Response()
            return web.Response(body=instead.body, status=instead.status, headers=instead.headers)
        response: web.StreamResponse = await handler(request)
        return response

    async def _about(self, request: web.Request) -> web.Response:
        about: Claims = {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize", "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys", "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [self.alg], "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }  # fmt: skip
        if self.userinfo is not None:
            about["userinfo_endpoint"] = f"{self.issuer}/userinfo"
        self.describe(about)
        return web.json_response(about)

    async def _userinfo(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.access}":
            return web.json_response({"error": "invalid_token"}, status=401)
        return web.json_response(self.userinfo)

    async def _keys(self, request: web.Request) -> web.Response:
        return web.json_response(KeySet(list(self.keys)).as_dict(private=False))

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = request.query
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT and "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256" and len(asked["state"]) >= 43 and len(asked["nonce"]) >= 43
        assert asked["redirect_uri"] in self.redirects, "a provider sends people to registered addresses only"
        code = secrets.token_urlsafe(16)
        self.codes[code] = {**asked, "user": dict(self.user)}
        query = {"code": code, "state": asked["state"], "iss": self.issuer}
        self.answer(query)
        back = f"{asked['redirect_uri']}?{urlencode(query)}"
        if not self.asks:
            raise web.HTTPFound(back)
        button = f'<form method="post" action="/agree?{urlencode({"back": back})}"><button>Let me in</button></form>'
        return web.Response(text=button, content_type="text/html")

    async def _agree(self, request: web.Request) -> web.Response:
        raise web.HTTPFound(request.query["back"])

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        right = encode_basic_auth("house%3A1", "s3cret%2F%2B%20%25")
        if request.headers.get("Authorization") != right:
            return web.json_response({"error": "invalid_client"}, status=401)
        asked = self.codes.pop(str(form.get("code")), None)  # once
        verifier = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form.get("redirect_uri"):
            return web.json_response({"error": "invalid_grant"}, status=400)
        told = {
            "access_token": self.access,
            "token_type": "Bearer",
            "id_token": self.make(asked["nonce"], asked["user"]),
        }
        return web.json_response(told)

    def make(self, nonce: str, user: Claims) -> str:
        """An ID token."""
        now = int(time.time())
        header: Claims = {"alg": self.alg, "kid": self.keys[0].kid}
        claims: Claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, **user}
        self.alter(header, claims)
        if self.token is not None:
            return self.token(header, claims)
        return jwt.encode(header, claims, self.keys[0], algorithms=[header["alg"]])


@asynccontextmanager
async def providing(host: str = "127.0.0.1") -> AsyncIterator[SmallProvider]:
    """A provider on a free port."""
    made = SmallProvider()
    runner = web.AppRunner(made.application(), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.issuer = f"http://{host}:{runner.addresses[0][1]}"
        yield made
    finally:
        await runner.cleanup()
