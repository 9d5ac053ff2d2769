"""``[callbacks]`` of config.toml to the part that calls customers."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ivr.adapters.asterisk import AsteriskLink
from ivr.adapters.database import DatabaseCallBacks, Store
from ivr.calls.callbacks import CallBacks, CallBackSettings
from ivr.calls.conversation import Conversations
from ivr.calls.switchboard import Switchboard
from ivr.config import Config
from ivr.core.callback import Manners

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def calling(
    config: Config,
    store: Store,
    switchboard: Switchboard,
    conversations: Conversations,
    link: AsteriskLink,
    spawn: Callable[[Coroutine[Any, Any, None]], object],
) -> CallBacks:
    """It, told of every call; ``run()`` is for the server to start."""
    wanted = config.callbacks
    manners = Manners(
        time.fromisoformat(wanted.earliest), time.fromisoformat(wanted.latest),
        frozenset(_DAYS.index(day) for day in wanted.days), wanted.attempts, timedelta(minutes=wanted.retry_minutes),
    )  # fmt: skip
    settings = CallBackSettings(
        manners,
        wanted.at_once,
        wanted.ring_s,
        wanted.shown,
        wanted.numbers,
        wanted.signals,
        timedelta(hours=wanted.apart_hours),
    )
    book = DatabaseCallBacks(store, config.database.country)
    made = CallBacks(
        book, switchboard, conversations, link, spawn, settings, ZoneInfo(config.dialogue.zone), config.database.country
    )
    switchboard.listeners.append(made.noted)
    conversations.call_backs, conversations.may_call = made.asked, made.may_call
    return made
