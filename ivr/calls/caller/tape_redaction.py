"""What goes onto the tape of one call, and what must not be heard on it."""

from __future__ import annotations

from ivr.calls.caller.recording import Side, Tape
from ivr.core.language import Language
from ivr.core.masking import masked

KEY_BEFORE_S, KEY_AFTER_S = 0.6, 0.2
"""Around a key that was reported: telephones that send it as a tone are heard, and the report comes at its end."""
AFTER_S = 0.5
"""After a secret was asked for; a voice that still goes on then is given ``AFTER_TALKING_S``."""
AFTER_TALKING_S = 2.0
AROUND_S = 0.2
"""Before and after an utterance that is hidden."""


class Taping:
    """The tape of one call, or None; every time that comes in is loop time, ``began`` that of the call's beginning."""

    def __init__(self, tape: Tape | None, began: float, *, card_safe: bool) -> None:
        self._tape = tape
        self._began = began
        self._card_safe = card_safe
        self._secret_from: float | None = None
        self._hushed_from: float | None = None
        self._talking_from: float | None = None
        self._broken_off = began - AFTER_TALKING_S
        """When the ear threw an utterance away last, whose voice may go on."""
        self._number: list[tuple[float, float, str]] = []

    def sound(self, pcm: bytes, now: float) -> None:
        """20 ms of the caller."""
        if self._tape:
            self._tape.heard(pcm, now - self._began)

    def played(self, pcm: bytes, now: float) -> None:
        """20 ms of the machine."""
        if self._tape:
            self._tape.said(pcm, now - self._began)

    def key(self, now: float) -> None:
        """A key was reported: nobody hears which."""
        self._hide("caller", now - KEY_BEFORE_S, now + KEY_AFTER_S)

    def talking(self, since: float | None) -> None:
        """The caller speaks since then; None: an utterance has ended."""
        self._talking_from = since

    def listening(self, secret: bool, now: float) -> None:
        """Something is listened for: whatever is said or keyed while it is secret is hidden.

        An utterance under way is thrown away by the ear; what nobody has understood may be a card's number.
        """
        if self._talking_from is not None:
            self._broken_off = now
            if self._card_safe:
                self._hide("caller", self._talking_from - AROUND_S, now + AROUND_S)
        if secret and self._secret_from is None:
            self._secret_from = now
        elif not secret and self._secret_from is not None:
            until = max(now + AFTER_S, self._broken_off + AFTER_TALKING_S)
            self._hide("caller", self._secret_from - AROUND_S, until)
            self._secret_from = None
        self._talking_from = None

    def heard(self, text: str, language: Language, began: float, ended: float, *, hidden: bool, goes_on: bool) -> None:
        """An utterance, with its words as they were understood; ``goes_on``: a number that was begun before goes on in it."""
        self._number = [*(self._number if goes_on else ()), (began, ended, text)]
        whole = " ".join(text for _, _, text in self._number)
        if self._card_safe and masked(whole, language) != whole:
            hidden, spans = True, self._number
        else:
            spans = self._number[-1:]
        for begin, end, _ in spans if hidden else ():
            self._hide("caller", begin - AROUND_S, end + AROUND_S)

    def hush(self, now: float) -> None:
        """Something is said back that must not be heard, until everything was said; nor its echo."""
        self._hushed_from = now if self._hushed_from is None else self._hushed_from

    def quiet(self, now: float) -> None:
        """Everything was said, or broken off."""
        if self._hushed_from is not None:
            for side in ("caller", "machine"):
                self._hide(side, self._hushed_from, now + AROUND_S)
            self._hushed_from = None

    def end(self, now: float) -> None:
        """The machine's part is over."""
        self.listening(False, now)
        self.quiet(now)
        self._tape = None  # from now on it is read elsewhere

    def _hide(self, side: Side, begin: float, end: float) -> None:
        if self._tape:
            self._tape.hide(side, begin - self._began, end - self._began)
