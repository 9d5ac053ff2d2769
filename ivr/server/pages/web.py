"""Opens the pages and the API to whoever may come."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

import ivr
from ivr.calls.integrations.webhooks import Keyless
from ivr.config.connected import Web
from ivr.config.load import Config, ConfigError
from ivr.server.data.key_files import key_of
from ivr.server.descriptors import for_pages
from ivr.server.parts import GRAVE, Examination, Finding, Parts, not_ours, read_by_others
from ivr.server.running import health
from ivr.server.telephony.softphones import VENDOR
from ivr.web.guard.connections import ConnectionGuard, Limits
from ivr.web.server import WebServices, WebSettings, build_app

GOODBYE_S = 2.0
"""For requests that are being answered when the server ends."""


async def serve_pages(config: Config, house: WebServices, parts: Parts) -> int:
    """Serve them; the port. Raises ConfigError where it is taken."""

    def health() -> dict[str, Any]:
        status = next((GRAVE[name] for name in parts.grave()), "ok")
        told = {name: problem or "ok" for name, problem in parts.problems().items()}
        return {"status": status, "parts": told, "now": datetime.now(UTC).isoformat()}

    settings = WebSettings(
        version=ivr.__version__, secure_cookies=config.web.secure_cookies, session_hours=config.web.session_hours,
        key_requests_per_s=config.web.key_requests_per_s, pop_windows=config.desk.pop_open,
        private_webhooks=config.webhooks.allow_private, trust_forwarded_for=config.web.trust_forwarded_for,
        second_factor=config.web.second_factor, hosts=config.web.hosts, listens_on=config.web.host,
        sign_on_name=config.oidc.name if config.oidc.issuer else "",
        softphone_address=config.softphone.address if config.softphone.enabled else "",
        vendor=VENDOR if config.softphone.enabled else None,
    )  # fmt: skip
    try:
        key = key_of(Path(config.web.key_file), "web", "IVR_WEB_KEY")()
    except Keyless as error:
        raise ConfigError([str(error)]) from error
    limits = Limits(most=for_pages())
    guard = ConnectionGuard(limits, frozenset({"127.0.0.1"} if config.web.trust_forwarded_for else ()))
    app = build_app(house, settings=settings, health=health, guard=guard, key=key)
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=limits.between_s, shutdown_timeout=GOODBYE_S)
    await runner.setup()
    parts.stack.push_async_callback(runner.cleanup)
    assert runner.server
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(
            guard.factory(runner.server), config.web.host, config.web.port, backlog=limits.most
        )
    except OSError as error:
        raise taken("web", config.web.host, config.web.port, error) from error
    parts.stack.callback(server.close)
    return int(server.sockets[0].getsockname()[1])


def taken(section: str, host: str, port: int, error: OSError) -> ConfigError:
    """A port cannot be listened on."""
    return ConfigError([not_ours(section, host, port, error)])


def examine(what: Examination) -> Iterator[Finding]:
    """The ports of the pages and of sound; where the server runs already, what it says of its parts."""
    config = what.config
    yield _names(config.web)
    key_file = Path(config.web.key_file)
    if key_file.exists() and (readable := read_by_others("[web] key_file", key_file)):
        yield readable
    running = health(config)
    if running is not None:
        yield True, f"the server is running: [web] {config.web.host}:{config.web.port} answers"
        for name, told in running.items():
            yield told == "ok", f"the running server says of {name}: {told}"
        return
    for name, host, port in (
        ("media", config.media.host, config.media.port),
        ("web", config.web.host, config.web.port),
    ):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                yield False, not_ours(name, host, port, error)
            else:
                yield True, f"[{name}] {host}:{port} is free"


def _names(web: Web) -> Finding:
    """Under which names the pages may be reached."""
    if web.hosts:
        return True, f"[web] hosts: the pages are reached as {', '.join(web.hosts)}, localhost and by bare addresses"
    if web.secure_cookies:
        return (
            None,
            '[web] hosts is empty: name what agents type, as in ["desk.example.com"], then nothing else is answered',
        )
    return (
        True,
        "[web] hosts is empty: the pages are reached by this machine's name, as localhost and by bare addresses",
    )
