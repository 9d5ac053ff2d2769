"""The lines that agents open with, written by themselves: kept in memory, so that no query stands between a ring and its card."""

from __future__ import annotations

from collections.abc import Callable

from ivr.calls.desk.ports import Openings
from ivr.calls.ports import Refused
from ivr.core import texts
from ivr.core.caller import AgentId
from ivr.core.contact.agent_opening import OwnLines, opening_fields
from ivr.core.dialogue import wording
from ivr.core.flow.flow import Flow
from ivr.core.language import Language

LINE_CHARS = 300


class OwnOpenings:
    """Everybody's own lines."""

    def __init__(self, flow: Callable[[], Flow], store: Openings | None = None) -> None:
        self._flow = flow
        self._store = store
        self._lines: dict[AgentId, dict[tuple[str, Language], str]] = {}

    async def load(self) -> None:
        """Read them all; before the first call."""
        if self._store is not None:
            self._lines = await self._store.openings()

    def of(self, agent: AgentId) -> OwnLines:
        """The lines of one agent."""
        return self._lines.get(agent, {})

    async def put(self, agent: AgentId, intent: str, language: Language, text: str) -> None:
        """Keep a line; an empty one is the dialogue's again. Raises Refused when it cannot be used."""
        flow, text = self._flow(), " ".join(text.split())
        if intent and intent not in flow.intents:
            raise Refused(texts.text("calls.no_such_reason", intent=intent))
        if len(text) > LINE_CHARS:
            raise Refused(texts.text("calls.desk.opening_too_long", most=LINE_CHARS))
        known = opening_fields(flow)
        unknown = sorted(wording.field_names(text) - set(known))
        if unknown or "{" in wording.fill(text, {}) or "}" in wording.fill(text, {}):
            listed = ", ".join(f"{{{name}}}" for name in known)
            named = f"{{{unknown[0]}}}" if unknown else "{ }"
            raise Refused(texts.text("calls.desk.no_field", named=named, listed=listed))
        if self._store is not None:
            try:
                await self._store.set_opening(agent, intent, language, text)
            except OSError:
                raise Refused(texts.text("calls.desk.opening_not_kept")) from None
        mine = self._lines.setdefault(agent, {})
        if text:
            mine[intent, language] = text
        else:
            mine.pop((intent, language), None)
