"""Barge-in in two steps: a voice holds the prompt, a word ends it. After a cough it goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable

from ivr.calls.caller.ports import Line
from ivr.core.dialogue.wording import only_listening
from ivr.core.language import Language

HELD_S = 2.0
"""A voice without a word for this long is noise, a radio, somebody else in the room: the prompt goes on."""

MOST_HOLDS = 3
"""Noises that may hold one prompt: where it never is quiet, nobody would hear the end of it."""


class BargeIn:
    """Decides for one line whether the caller interrupts. ``ended_prompt`` is told when a prompt is over by it."""

    def __init__(self, line: Line, ended_prompt: Callable[[], None]) -> None:
        self._line = line
        self._ended_prompt = ended_prompt
        self._held_at: float | None = None
        self._interrupting = False
        self._holds = 0
        self._going_on = False
        self.allowed = True
        """Whether what is being said may be interrupted at all."""

    @property
    def interrupting(self) -> bool:
        """Whether the first word would end a prompt."""
        return self._interrupting

    def began(self, now: float, *, goes_on: bool = False) -> None:
        """A voice, over the line's own noise, for as long as speech takes to be told from a click.

        Where it ``goes_on`` with the answer before, the prompt waits until it is known with what.
        """
        if not (self._line.talking and self.allowed):
            return
        if goes_on:
            self._going_on = self._line.hold()
            return
        if self._holds >= MOST_HOLDS:
            self._interrupting = True  # a noisy place: the prompt is said to its end now, unless a word is heard
        elif self._line.hold():
            self._held_at, self._interrupting = now, True
            self._holds += 1

    def went_on(self, *, counts: bool) -> None:
        """What they went on with is known: it ends the prompt, last words too; or it was nothing, and the prompt goes on."""
        if counts:
            self._cut()
        elif self._going_on:
            self._resume()

    def partial(self, text: str, language: Language) -> None:
        """What has been recognised so far: the first plausible word ends the prompt."""
        if self._interrupting and text and not only_listening(text, language):
            self._cut()

    def ended(self, text: str, language: Language) -> bool:
        """The utterance is over; whether it was none, so that the prompt goes on and nothing was answered."""
        if text and not only_listening(text, language):
            if self._interrupting or self._going_on:
                self._cut()  # over before there was a partial result: a short "yes", or a slow recogniser
            return False
        self._interrupting = False
        if self._held_at is None and not self._going_on:
            return False
        self._resume()
        return True

    def reset(self) -> None:
        """Something else is listened for: what was being said before does not matter any more."""
        self._interrupting, self._holds = False, 0
        if self._held_at is not None:
            self._resume()

    def clock(self, now: float) -> None:
        """Called a few times a second."""
        if self._held_at is not None and now - self._held_at >= HELD_S:
            self._resume()

    def _cut(self) -> None:
        self._held_at, self._interrupting, self._going_on = None, False, False
        if self._line.cut():
            self._ended_prompt()

    def _resume(self) -> None:
        self._held_at, self._going_on = None, False
        self._line.resume()
