"""What a caller's side needs: a line, ears, a voice, understanding, look-ups, proofs, memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ivr.core.caller import Preferences
from ivr.core.flow.flow import Lookup
from ivr.core.flow.intent import Hypothesis, Understood
from ivr.core.flow.nodes import ProofMethod
from ivr.core.language import Language
from ivr.core.told import Told


class Understander(Protocol):
    """Turns words into ranked intents."""

    def understand(self, hypotheses: Sequence[Hypothesis], language: Language) -> Understood:
        """The ranked intents of one utterance."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How something is said to this caller; raises ValueError outside of what stays understandable."""

    rate: float = 1.0
    """1 is normal, 0.75 slower; 0.5 to 2. The pitch stays."""
    gain_db: float = 0.0
    """Louder for the hard of hearing; -12 to 12, peaks are held down softly."""

    def __post_init__(self) -> None:
        if not (0.5 <= self.rate <= 2 and -12 <= self.gain_db <= 12):
            raise ValueError(f"a rate of 0.5 to 2 and a gain of -12 to 12 dB can be said, not {self}")


NORMAL = Manner()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a look-up has come to."""

    outcome: Literal["found", "empty", "failed"]
    rows: tuple[dict[str, Any], ...] = ()
    took_ms: float = 0.0


class Lookups(Protocol):
    """Sources that dialogues ask."""

    async def run(self, lookup: Lookup, args: Mapping[str, str]) -> Answer:
        """Ask, with its time-out and retries. Never raises: what goes wrong is ``failed``, and logged by the source."""


class Identity(Protocol):
    """Proofs of who is calling. Wrong answers are counted in the record, across calls."""

    async def begin(
        self, customer: str, method: ProofMethod, language: Language
    ) -> Literal["asked", "unavailable", "locked"]:
        """Prepare one method: send the code, see whether there is a PIN."""

    async def check(self, customer: str, method: ProofMethod, answer: str) -> Literal["right", "wrong", "locked"]:
        """Check what the caller gave; ``answer`` must not be written anywhere."""


class Memory(Protocol):
    """What is kept of how callers like it."""

    async def remember(self, customer: str, preferences: Preferences) -> None:
        """Keep the preferences of a customer."""

    async def forget(self, customer: str) -> None:
        """Delete them."""


class Voice(Protocol):
    """Turns sentences into sound."""

    async def speak(self, text: str, language: Language, recorded: str | None = None, manner: Manner = NORMAL) -> bytes:
        """The sentence as 8 kHz 16-bit little-endian mono PCM.

        ``recorded`` names the recording that wins over synthesis where there is one. Raises VoiceFailed.
        """


class VoiceFailed(Told):
    """No sound could be made of a sentence."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What the recogniser made of one utterance."""

    hypotheses: tuple[Hypothesis, ...]
    confidence: float | None
    """Mean word confidence, 0 to 1; None where the model gives none."""
    words: tuple[tuple[str, float, float, float], ...] = ()
    """Word, start and end in seconds of the utterance, confidence."""
    decode_ms: float = 0.0
    """Time between the end of the audio and the final result."""

    @property
    def text(self) -> str:
        return self.hypotheses[0].text if self.hypotheses else ""


class Listening(Protocol):
    """One utterance being recognised. ``feed`` never blocks; results come in order."""

    def feed(self, pcm: bytes) -> None:
        """Give it the next 20 ms of sound."""

    def look(self, told: Callable[[Sequence[str]], None]) -> None:
        """Tell once, in the loop, the words so far as each hearing has them, the freest last; never blocks.

        Nothing is told where the utterance is over before.
        """

    async def finish(self) -> Transcript:
        """The final result, once everything fed was decoded."""

    def cancel(self) -> None:
        """Throw it away."""


class Recogniser(Protocol):
    """Speech in."""

    def listen(
        self,
        language: Language,
        grammar: Sequence[str] | None,
        partial: Callable[[str], None] | None = None,
        otherwise_open: bool = False,
        several: bool = False,
    ) -> Listening:
        """Begin one utterance; ``grammar`` limits what may be heard, None is the whole model.

        With ``otherwise_open`` an answer that does not fit the grammar is heard with the whole model instead. With
        ``several`` a grammar gives several readings, too, instead of one with a confidence for each word.
        """

    def hears(self, language: Language) -> bool:
        """Whether there is a model for that language."""


class Line(Protocol):
    """The caller's line, as a session uses it; all methods return at once."""

    def play(self, pcm: bytes) -> None:
        """Say 8 kHz 16-bit mono sound after what waits already."""

    def cut(self) -> bool:
        """Stop talking within two frames, without a click; False when nothing was being said."""

    def hold(self) -> bool:
        """Fall silent within two frames and remember the place; False when nothing was being said."""

    def resume(self) -> None:
        """Go on where ``hold`` stopped."""

    @property
    def talking(self) -> bool:
        """Whether something is being said or waits to be; also while it is held."""

    def attach(self, owner: LineOwner) -> None:
        """From now on this owner hears the line."""

    def close(self) -> None:
        """Leave the call; Asterisk's dialplan goes on."""


class LineOwner(Protocol):
    """Who hears a line; called from the reader itself, so everything here must be quick."""

    def on_sound(self, pcm: bytes) -> None:
        """20 ms of the caller's sound."""

    def on_key(self, digit: str, source: Literal["audiosocket", "ami"]) -> None:
        """A key, from one of the two ways in which it is reported."""

    def on_played(self, pcm: bytes) -> None:
        """20 ms of what is said were sent, of one frame or the end of one."""

    def on_talking(self, at: float) -> None:
        """The first frame of something to say was sent into silence; ``at`` is loop time in seconds."""

    def on_drained(self) -> None:
        """Everything was said."""

    def on_line_gone(self) -> None:
        """The connection has ended."""


class VoiceActivity(Protocol):
    """Tells voice from silence, frame by frame, for one line."""

    def voiced(self, pcm: bytes) -> bool:
        """Whether 20 ms of sound hold a voice."""
