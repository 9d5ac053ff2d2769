"""Logging: structlog, one line an event, readable in a terminal and JSON elsewhere; nothing secret in it."""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

from ivr.server.process.interrupts import once_more

_KINDS = 1_000
OF_STRANGERS = frozenset(
    {
        "audiosocket refused", "sign_in_refused", "sign_in_limited", "sign_on_refused", "sign_on_limited", "sign_on_unreachable",
        "code_refused", "code_limited", "key_refused", "keys_limited", "requests_limited",
    }
)  # fmt: skip
"""What anybody can cause who reaches a port of ours, as often as they like."""
_STRANGERS_MOST, _STRANGERS_WINDOW_S = 10, 60.0
_SECRET_KEYS = re.compile(r"secret|password|token|cookie|authorization", re.IGNORECASE)


class Bounded:
    """At most so many lines of one kind in a while: what goes on without end must not fill a disk, nor hide what else happens.

    Of what strangers cause (``OF_STRANGERS``) there are ten a minute. A processor of structlog and a filter of logging. The first
    line after some were left out says how many.
    """

    def __init__(self, most: int = 200, window_s: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._window_s, self._clock = most, window_s, clock
        self._seen: dict[str, list[float]] = {}
        """Kind → when its window began, lines in it, lines left out of it."""

    def room(self, kind: str) -> int | None:
        """Whether one more may be written, and how many were left out before; None: no."""
        most, window_s = (
            (_STRANGERS_MOST, _STRANGERS_WINDOW_S) if kind in OF_STRANGERS else (self._most, self._window_s)
        )
        now = self._clock()
        seen = self._seen.get(kind)
        if seen is None or now - seen[0] >= window_s:
            left_out = int(seen[2]) if seen else 0
            if seen is None and len(self._seen) >= _KINDS:
                self._seen.clear()
            self._seen[kind] = [now, 1, 0]
            return left_out
        seen[1] += 1
        if seen[1] > most:
            seen[2] += 1
            return None
        return 0

    def __call__(self, _logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        left_out = self.room(str(event.get("event")))
        if left_out is None:
            raise structlog.DropEvent
        return {**event, "left_out": left_out} if left_out else event

    def filter(self, record: logging.LogRecord) -> bool:
        """As ``logging`` asks; the same text with other values is the same kind."""
        left_out = self.room(f"{record.name} {record.msg}")
        if left_out:
            record.msg = f"{record.msg} (and {left_out} more of these)"
        return left_out is not None


class _StandardError:
    """Where the log goes. A disk that is full, or a reader that has gone, costs lines and nobody their call."""

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def set_up(style: str, level: str) -> None:
    """Send structlog's and the libraries' messages to standard error."""
    json_lines = style == "json" or (style == "auto" and not sys.stderr.isatty())
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json_lines
        # never rich's tracebacks: they show variables, and so passwords and numbers
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    bounded = Bounded()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    structlog.configure(
        processors=[
            bounded,
            *shared,
            database_in_short,
            structlog.processors.format_exc_info if json_lines else _keep,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _StandardError())),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(_StandardError())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    handler.addFilter(bounded)
    handler.addFilter(malformed_in_short)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    # what no code of ours can catch: callbacks out of C, destructors, threads of libraries
    sys.unraisablehook = _unraisable
    threading.excepthook = _of_a_thread
    # its own words for a lost connection; the link says it better, once
    logging.getLogger("panoramisk").setLevel(logging.CRITICAL)


def _unraisable(what: sys.UnraisableHookArgs) -> None:
    if once_more(what):
        return
    name = getattr(what.object, "__qualname__", None) or type(what.object).__name__
    _log_error("failed where nothing can be raised", what.exc_value, where=f"{what.err_msg or 'ignored'}: {name}")


def _of_a_thread(what: threading.ExceptHookArgs) -> None:
    if not isinstance(what.exc_value, SystemExit):
        _log_error("a thread has failed", what.exc_value, where=what.thread.name if what.thread else "")


def _log_error(event: str, error: BaseException | None, **more: str) -> None:
    structlog.get_logger(__name__).error(event, exc_info=error, **more)


def malformed_in_short(record: logging.LogRecord) -> bool:
    """What is no HTTP is a stranger's fault, answered with a 400: a line, without what was sent."""
    from aiohttp.http_exceptions import HttpProcessingError

    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.msg, record.args, record.exc_info = f"not HTTP: {type(error).__name__}", (), None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True


def _keep(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    return event


def database_in_short(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """A database that is away is one line and no traceback, whoever meets it: nothing in our code is to be looked for."""
    if not event.get("exc_info"):
        return event
    from sqlalchemy.exc import DBAPIError

    from ivr.adapters.database.faults import AWAY, is_of_the_moment

    error = event["exc_info"] if isinstance(event["exc_info"], BaseException) else sys.exc_info()[1]
    away = is_of_the_moment(error) if isinstance(error, DBAPIError) else isinstance(error, AWAY)
    if not away or isinstance(error, FileNotFoundError | PermissionError):
        return event
    said = str(getattr(error, "orig", None) or error) or type(error).__name__
    kept = {key: value for key, value in event.items() if key != "exc_info"}
    return {**kept, "problem": said.splitlines()[0][:300]}


def hide_secrets(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """The last guard: a value whose key sounds like a secret is never written."""
    for key in event:
        if _SECRET_KEYS.search(key):
            event[key] = "***"
    return event
