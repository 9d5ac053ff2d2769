"""What stands before every handler: headers, errors without secrets, and the gate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from ivr.web.auth import Session, Sessions
from ivr.web.pages import Pages
from ivr.web.settings import WebSettings

OPEN = frozenset({"/health", "/sign-in", "/static/{name}"})
"""The only resources that need no session. A route that is added later is closed unless it is named here."""

SESSION: web.RequestKey[Session | None] = web.RequestKey("session", object)  # type: ignore[arg-type]  # a union is no type
"""Where a request carries its session."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with that, browsers send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "ivr",
}

log = structlog.get_logger("ivr.web")


def header_signal(settings: WebSettings) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Put the security headers on every response, errors and files included."""

    headers = dict(HEADERS)
    if settings.softphone_address:
        beside = urlsplit(settings.softphone_address)
        connect = f"connect-src 'self' {beside.scheme}://{beside.netloc}"
        headers["Content-Security-Policy"] = headers["Content-Security-Policy"].replace("connect-src 'self'", connect)
        headers["Permissions-Policy"] = headers["Permissions-Policy"].replace("microphone=()", "microphone=(self)")

    async def add(request: web.Request, response: web.StreamResponse) -> None:
        for name, value in headers.items():
            response.headers[name] = value
        response.headers.setdefault("Cache-Control", "no-store")
        if settings.secure_cookies:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"

    return add


def error_middleware(pages: Pages) -> Middleware:
    """Turn whatever goes wrong into a page that tells a stranger nothing."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as raised:
            if raised.status < 400:
                raise
            response = pages.error(request, raised.status)
            if "Allow" in raised.headers:
                response.headers["Allow"] = raised.headers["Allow"]
            return response
        except Exception:
            if request.transport is not None:  # else the browser left, and nobody reads this
                log.exception("page_failed", method=request.method, path=request.path)
            return pages.error(request, 500)

    return guard


def gate_middleware(sessions: Sessions, cookie: str) -> Middleware:
    """Let only signed-in people pass, except to what is open; and no form from another site, wherever it goes."""

    @web.middleware
    async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in ("GET", "HEAD") and "Origin" in request.headers and not same_origin(request):
            raise web.HTTPForbidden
        session = sessions.find(request.cookies.get(cookie))
        request[SESSION] = session
        resource = request.match_info.route.resource
        if session is None and (resource is None or resource.canonical not in OPEN):
            if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
                raise web.HTTPSeeOther("/sign-in")
            raise web.HTTPUnauthorized
        return await handler(request)

    return gate


def session_of(request: web.Request) -> Session:
    """The session that the gate has let through."""
    session = request[SESSION]
    assert isinstance(session, Session)
    return session


def same_origin(request: web.Request) -> bool:
    """Whether a page of ours asks: the host of its ``Origin`` is the host that was asked."""
    try:
        origin = urlsplit(request.headers.get("Origin", ""))
    except ValueError:  # "http://[" is none of ours
        return False
    return origin.scheme in ("http", "https") and origin.netloc.lower() == request.headers.get("Host", "").lower()
