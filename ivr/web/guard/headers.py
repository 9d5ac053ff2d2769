"""What stands before every handler: headers, and errors without secrets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from ivr.core.texts import text
from ivr.web.guard.passwords import BUSY_S, Busy
from ivr.web.pages import Pages, preferred_language
from ivr.web.problems import Problem
from ivr.web.settings import WebSettings

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; "
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

PASSED_ON = ("Allow", "WWW-Authenticate", "Retry-After")

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
        if settings.pop_windows and request.path == "/":
            # else the tab that a desk has opened is lost to it, and the next customer comes in one more
            response.headers["Cross-Origin-Opener-Policy"] = "same-origin-allow-popups"
        response.headers.setdefault("Cache-Control", "no-store")
        if settings.secure_cookies:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"

    return add


def error_middleware(pages: Pages) -> Middleware:
    """Turn whatever goes wrong into a page that tells a stranger nothing; for programs, into a problem."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Problem as problem:
            return _answer(request, problem)
        except web.HTTPException as raised:
            if raised.status < 400:
                raise
            passed = {name: raised.headers[name] for name in PASSED_ON if name in raised.headers}
            return _answer(request, Problem(raised.status, headers=passed))
        except Busy:
            log.warning("passwords_busy", path=request.path)
            return _answer(request, Problem(503, text("api.gate.busy"), headers={"Retry-After": str(BUSY_S)}))
        except ConnectionError:
            if request.transport is not None:  # else the browser left, and nobody reads this
                log.exception("database_away", method=request.method, path=request.path)
            return _answer(request, Problem(503, headers={"Retry-After": "5"}))
        except Exception:
            if request.transport is not None:
                log.exception("page_failed", method=request.method, path=request.path)
            return _answer(request, Problem(500))

    def _answer(request: web.Request, problem: Problem) -> web.Response:
        if request.path.startswith("/api/"):
            return problem.response(preferred_language(request))
        response = pages.error(request, problem.status)
        response.headers.update(problem.headers)
        return response

    return guard
