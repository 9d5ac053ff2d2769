"""The calls that are live: built before everything that looks at them, and the one place that tells what happens in them.

Whoever wants to know of entries subscribes. Entries are told in the order in which the ledgers took them: one that is made
while another is being told waits its turn, so nobody hears of a card before the ring that made it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import structlog

from ivr.calls.caller.edition import Edition
from ivr.calls.clock import Clock, utc_now
from ivr.calls.live import LiveCall, canonical
from ivr.core.caller import AgentId, Caller, CallId
from ivr.core.contact.entries import Entry, EventKind
from ivr.core.contact.ledger import Ledger
from ivr.core.language import Language
from ivr.wire.card_json import stamp

log = structlog.get_logger(__name__)
REMEMBERED = 2000
"""Ids of calls that are over, so that one used again is refused."""
ENDS: frozenset[EventKind] = frozenset({"agent_done", "agent_missed", "wrapped_up"})
"""After these nobody may have the call any more."""
Noted = Callable[[LiveCall, Entry], None]
Looked = Callable[[LiveCall], None]


class LiveCalls(Mapping[CallId, LiveCall]):
    """Every live call by its id."""

    def __init__(self, now: Clock = utc_now, run: str = "", card_safe: bool = True) -> None:
        """``now`` is the clock of everything in here; ``run`` names this run of the server in the ledgers; ``card_safe``: no
        number of a card gets into one.
        """
        self._card_safe = card_safe
        self.now = now
        self.run = run
        self._calls: dict[CallId, LiveCall] = {}
        self._also: dict[CallId, CallId] = {}
        self._over: dict[CallId, None] = {}
        self._noted: list[Noted] = []
        self._looked: list[Looked] = []
        self._news: deque[tuple[LiveCall, Entry]] = deque()
        self._telling = False

    def __getitem__(self, call: CallId) -> LiveCall:
        return self._calls[self._also.get(call, call)]

    def __iter__(self) -> Iterator[CallId]:
        return iter(self._calls)

    def __len__(self) -> int:
        return len(self._calls)

    def over(self, call: CallId) -> bool:
        """Whether a call of this id was here and has ended."""
        return self._also.get(call, call) in self._over

    def also(self, call: CallId, live: LiveCall) -> None:
        """This id is another one of a call that is here."""
        self._also[call] = live.id

    # -- who is told

    def subscribe(self, *noted: Noted, looked: tuple[Looked, ...] = ()) -> None:
        """Tell these of every entry, in this order, before those who subscribe later. They are quick.

        ``looked`` bring themselves up to date with one call where no entry says that it has changed (``look_again``).
        """
        self._noted += noted
        self._looked += looked

    @contextmanager
    def watched(self, noted: Noted) -> Iterator[None]:
        """Tell this too, while the block runs."""
        self._noted.append(noted)
        try:
            yield
        finally:
            self._noted.remove(noted)

    def look_again(self, live: LiveCall) -> None:
        """Something about a call is new that is no entry: offers are ready, or it was found again after a restart."""
        for looked in self._looked:
            looked(live)

    def _tell(self, live: LiveCall, entry: Entry) -> None:
        self._news.append((live, entry))
        if self._telling:
            return
        self._telling = True
        try:
            while self._news:
                self._tell_one(*self._news.popleft())
        finally:
            self._telling = False

    def _tell_one(self, live: LiveCall, entry: Entry) -> None:
        for noted in self._noted:
            try:
                noted(live, entry)
            except Exception:
                # whoever listens must cost no caller anything
                log.exception("listener failed", call=str(live.id), kind=entry.kind)
        if entry.kind in ENDS:
            self.close(live)

    # -- calls come and go

    def begin(
        self, call: CallId, channel: str, caller: Caller, edition: Edition, language: Language | None = None,
        began: datetime | None = None,
    ) -> LiveCall:  # fmt: skip
        """A new call; ``language``: that of the house, unless it is known to be another; ``began``: now, unless told."""
        first = language or edition.flow.default_language
        live = LiveCall(call, channel, Ledger(call, caller, began or self.now(), first, run=self.run), edition)
        self.add(live)
        return live

    def add(self, live: LiveCall) -> None:
        """From now on this call is among the live ones."""
        self._calls[live.id] = live
        live.ledger.card_safe = self._card_safe
        live.ledger.watch(lambda entry: self._tell(live, entry))

    def close(self, live: LiveCall) -> None:
        """Forget the call, once nobody has it on a desk any more and the caller has gone."""
        if live.closed or live.offers or not live.caller_gone or live.line is not None:
            return
        live.ledger.add(self.now(), "closed", "closed")
        self._calls.pop(live.id, None)
        self._over[live.id] = None
        for remembered in (self._over, self._also):
            while len(remembered) > REMEMBERED:
                del remembered[next(iter(remembered))]
        log.info("call", **canonical(live))

    # -- what agents say of them

    def wrap_up(
        self, live: LiveCall, agent: AgentId, outcome: str, note: str, follow_up: datetime | None = None
    ) -> None:
        """The agent says how it ended; while they still talk, that stands for later."""
        live.ledger.add(self.now(), "outcome", agent=agent, outcome=outcome, follow_up=stamp(follow_up))
        self.note(live, agent, note)
        self.close(live)

    def note(self, live: LiveCall, agent: AgentId, text: str) -> None:
        """The agent writes something down; the same once more is nothing new."""
        mine = [note.text for note in live.ledger.legs.notes if note.by == agent]
        if text and text not in mine[-1:]:
            live.ledger.add(self.now(), "note", agent=agent, text=text)
