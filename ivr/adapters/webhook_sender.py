"""The way out for webhooks: one POST, bounded in every way, and not to where outsiders have no business.

An address is judged where the connection is made, by the very numbers it is made to: a name that leads to a public address
when it is looked at and to ours when it is used gains nothing by that.
"""

from __future__ import annotations

import socket
import time
from typing import Any

import aiohttp

from ivr.calls.integrations.webhooks import DeliveryResult
from ivr.wire.webhooks.public_addresses import is_public

TIMEOUT_S = 10.0
USER_AGENT = "ivr-webhooks"


class ForbiddenAddress(OSError):
    """The connection would lead to a private network, or to this machine itself."""


def _guarded_socket(found: Any) -> socket.socket:
    family, kind, protocol, _, address = found
    if not is_public(address[0]):
        raise ForbiddenAddress("a private address")
    return socket.socket(family=family, type=kind, proto=protocol)


class HttpSender:
    """Implements ``webhooks.Sender``. No cookie is kept, no redirect followed, no proxy asked, no answer read."""

    def __init__(self, allow_private: bool, timeout_s: float = TIMEOUT_S) -> None:
        self._allow_private = allow_private
        self._timeout_s = timeout_s
        self._session: aiohttp.ClientSession | None = None

    async def send(self, url: str, headers: dict[str, str], body: bytes) -> DeliveryResult:
        """One attempt; what goes wrong is said in our own words, never in the receiver's."""
        began = time.perf_counter()
        status, error, after_s = None, None, None
        try:
            async with self._opened().post(
                url, data=body, headers={"Content-Type": "application/json", **headers}, allow_redirects=False
            ) as response:
                status, after_s = response.status, _seconds(response.headers.get("Retry-After"))
        except Exception as problem:
            # a hostile receiver or address may cause whatever it likes: it costs this attempt
            error = _in_our_words(problem)
        return DeliveryResult(status, error, after_s, round((time.perf_counter() - began) * 1000, 1))

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            guard = None if self._allow_private else _guarded_socket
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(socket_factory=guard, limit_per_host=16),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=self._timeout_s),
                headers={"User-Agent": USER_AGENT, "Accept": "*/*"},
                auto_decompress=False,
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _in_our_words(problem: Exception) -> str:
    match problem:
        case TimeoutError():
            return "timeout"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return "certificate"
        case aiohttp.ClientConnectorDNSError():
            return "unknown_name"
        case aiohttp.ClientConnectorError(os_error=ForbiddenAddress()):
            return "private_address"
        case aiohttp.ClientConnectorError():
            return "unreachable"
        case aiohttp.InvalidURL():
            return "bad_url"
        case aiohttp.ClientOSError() | aiohttp.ServerDisconnectedError():
            return "cut_off"
    return "no_http"


def _seconds(text: str | None) -> float | None:
    """``Retry-After`` in seconds; its other form, a date, is not worth the clocks it compares."""
    return float(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else None
