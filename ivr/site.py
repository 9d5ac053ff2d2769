"""Opens the pages and the API to whoever may come."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

import ivr
from ivr.config import Config, ConfigError
from ivr.softphones import VENDOR
from ivr.web.server import House, WebSettings, build_app


async def serve_pages(
    config: Config, house: House, connected: Callable[[], bool], stack: contextlib.AsyncExitStack
) -> int:
    """Serve them; the port. Raises ConfigError where it is taken."""

    def health() -> dict[str, Any]:
        # a server without Asterisk is of no use: whoever watches it should know
        return {"status": "ok" if connected() else "no asterisk", "now": datetime.now(UTC).isoformat()}

    settings = WebSettings(
        version=ivr.__version__, secure_cookies=config.web.secure_cookies, session_hours=config.web.session_hours,
        key_requests_per_s=config.web.key_requests_per_s, card_safe=config.privacy.card_safe, pop_windows=config.desk.pop_open,
        private_webhooks=config.webhooks.allow_private, trust_forwarded_for=config.web.trust_forwarded_for,
        sign_on_name=config.oidc.name if config.oidc.issuer else "",
        softphone_address=config.softphone.address if config.softphone.enabled else "",
        vendor=VENDOR if config.softphone.enabled else None,
    )  # fmt: skip
    runner = web.AppRunner(build_app(house, settings=settings, health=health), access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, config.web.host, config.web.port)
    try:
        await site.start()
    except OSError as error:
        raise taken("web", config.web.host, config.web.port, error) from error
    return int(runner.addresses[0][1])


def taken(section: str, host: str, port: int, error: OSError) -> ConfigError:
    """A port cannot be listened on."""
    return ConfigError([f"[{section}] {host}:{port} cannot be listened on: {os.strerror(error.errno or 0)}"])
