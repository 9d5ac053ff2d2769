"""``[callbacks]`` of config.toml to the parts that call customers."""

from __future__ import annotations

from datetime import time, timedelta

from ivr.adapters.database import DatabaseCallBacks, Store
from ivr.calls.call_backs.requests import CallBackRequests, CallBackSettings
from ivr.calls.caller.edition import Current
from ivr.calls.live_calls import LiveCalls
from ivr.calls.recorder import Recorder
from ivr.config.load import Config
from ivr.core.call_back import CallingPolicy
from ivr.server.process.tasks import Tasks

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def requests_of(
    config: Config, store: Store, current: Current, calls: LiveCalls, recorder: Recorder, tasks: Tasks
) -> CallBackRequests:
    """Who is to be called."""
    wanted = config.callbacks
    policy = CallingPolicy(
        time.fromisoformat(wanted.earliest), time.fromisoformat(wanted.latest),
        frozenset(_DAYS.index(day) for day in wanted.days), wanted.attempts, timedelta(minutes=wanted.retry_minutes),
    )  # fmt: skip
    settings = CallBackSettings(
        policy,
        wanted.at_once,
        wanted.ring_s,
        wanted.shown,
        wanted.numbers,
        wanted.signals,
        timedelta(hours=wanted.apart_hours),
    )
    book = DatabaseCallBacks(store, config.database.country)
    return CallBackRequests(book, current, tasks.spawn, settings, config.database.country, calls.now, recorder.put)
