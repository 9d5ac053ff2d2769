"""Proofs of who calls, and how one-time codes are sent."""

from __future__ import annotations

from datetime import timedelta

from ivr.adapters.customers.lookups import SourceLookups
from ivr.adapters.database import DatabaseIdentity, Store
from ivr.adapters.database.customers.identity import Limits, SendCode
from ivr.config.load import Config
from ivr.core.flow.flow import Lookup
from ivr.core.language import Language


def identity(config: Config, store: Store, lookups: SourceLookups) -> DatabaseIdentity:
    """Proofs of who calls."""
    limits = Limits(config.identity.attempts, timedelta(minutes=config.identity.locked_minutes))
    return DatabaseIdentity(store, limits, code_sender(config, lookups))


def code_sender(config: Config, lookups: SourceLookups) -> SendCode | None:
    """How one-time codes are sent: POSTed to a source of config.toml as {"to", "code", "language"}; None: not at all."""
    if not config.identity.code_source:
        return None
    how = Lookup(
        "one_time_code", config.identity.code_source, path=config.identity.code_path, method="POST",
        takes=("to", "code", "language"), writes=True, timeout_s=4.0, retries=0,
    )  # fmt: skip

    async def send(number: str, code: str, language: Language) -> bool:
        answer = await lookups.run(how, {"to": number, "code": code, "language": language})
        return answer.outcome != "failed"

    return send
