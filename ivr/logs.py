"""Logging: structlog, one line an event, readable in a terminal and JSON elsewhere; nothing secret in it."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

_SECRET_KEYS = re.compile(r"secret|password|token|cookie|authorization", re.IGNORECASE)


def set_up(style: str, level: str) -> None:
    """Send structlog's and the libraries' messages to standard error."""
    json_lines = style == "json" or (style == "auto" and not sys.stderr.isatty())
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json_lines
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info if json_lines else _keep, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    # its own words for a lost connection; the link says it better, once
    logging.getLogger("panoramisk").setLevel(logging.CRITICAL)


def _keep(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    return event


def hide_secrets(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """The last guard: a value whose key sounds like a secret is never written."""
    for key in event:
        if _SECRET_KEYS.search(key):
            event[key] = "***"
    return event
