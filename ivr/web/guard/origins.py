"""Under which names we are reached, and which pages are ours: what a browser says of it, and whether that can be believed."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from ivr.web.settings import WebSettings

_PORTS = {"http": 80, "https": 443}
_TOLD = 64
"""Names that the log tells of, each once: strangers make up as many as they like."""

log = structlog.get_logger("ivr.web")


class Origins:
    """The names and pages that are ours.

    A page of a stranger that has its own name lead to our address (DNS rebinding) is, to a browser, of the same origin as we are;
    only the name that it asks for gives it away. So names are known beforehand. A bare address is nobody's to rebind.
    """

    def __init__(self, settings: WebSettings) -> None:
        mine = socket.gethostname().lower()
        # of a name that TLS has proved before, a browser knows that it is ours; and our cookies go over nothing else
        self._any = settings.secure_cookies and not settings.hosts
        self._scheme = "https" if settings.secure_cookies else "http"
        guessed = () if settings.hosts else (mine, f"{mine}.local", settings.listens_on)
        self._names = {name.lower() for name in ("localhost", *settings.hosts, *guessed)}
        self._told: set[str] = set()

    def ours(self, request: web.Request) -> bool:
        """Whether we are asked under a name of ours. Programs that name none are no browsers."""
        asked = request.headers.getall("Host", [])
        if not asked or self._any:
            return len(asked) <= 1
        name = _name_and_port(f"//{asked[0]}", 0)[0]
        right = len(asked) == 1 and (name in self._names or _is_address(name))
        if not right and len(self._told) < _TOLD and name not in self._told:
            self._told.add(name)
            log.warning("foreign_host", host=name[:100], known=sorted(self._names))
        return right

    def same(self, request: web.Request) -> bool:
        """Whether a page of ours asks: the scheme, the name and the port of its ``Origin`` are those that were asked."""
        origin, host = request.headers.getall("Origin", []), request.headers.get("Host", "")
        port = _PORTS[self._scheme]
        right = (
            len(origin) == 1
            and origin[0].lower().startswith(f"{self._scheme}://")
            and _name_and_port(origin[0], port) == _name_and_port(f"//{host}", port) != ("", port)
            and not urlsplit(origin[0]).path
        )
        if not right:
            log.warning(
                "foreign_origin", origin=origin[0][:100] if origin else None, ours=f"{self._scheme}://{host[:100]}"
            )
        return right


def _name_and_port(address: str, port: int) -> tuple[str, int]:
    """Of an address; nothing where it is none."""
    try:
        parts = urlsplit(address)
        if parts.username is not None or parts.query or parts.fragment:
            return "", port
        return (parts.hostname or "").removesuffix("."), parts.port if parts.port is not None else port
    except ValueError:  # "http://["
        return "", port


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


ORIGINS: web.AppKey[Origins] = web.AppKey("origins", Origins)
"""Where an application keeps its own."""


def same_origin(request: web.Request) -> bool:
    """Whether a page of ours asks."""
    return request.app[ORIGINS].same(request)
