"""What the calls need from the outside, as Protocols; adapters and pages implement or use them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

from ivr.core.caller import Agent, AgentId, Caller, CallId, Language, Preferences
from ivr.core.entries import Entry
from ivr.core.flow import Lookup
from ivr.core.intent import Hypothesis, Understood
from ivr.core.learning import Passage, TransferReason
from ivr.core.nodes import ProofMethod
from ivr.wire.ami_events import Found

CallAct = Literal["hold", "resume", "complete", "conference", "pick_up", "hang_up"]
CALL_ACTS: tuple[CallAct, ...] = ("hold", "resume", "complete", "conference", "pick_up", "hang_up")
Outcome = Literal["solved", "follow_up", "wrong_place", "nobody_there"]
OUTCOMES: tuple[Outcome, ...] = ("solved", "follow_up", "wrong_place", "nobody_there")


Role = Literal["agent", "supervisor", "admin"]
ROLES: tuple[Role, ...] = ("agent", "supervisor", "admin")
"""Each may do what those before it may."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one agent may give away alone to settle a matter, in the house's currency."""

    per_call: Decimal
    per_day: Decimal


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who works here and may sign in."""

    login: str
    password_hash: str
    """Argon2id, in PHC string form; empty: no password opens this account."""
    agent: Agent | None = None
    """How calls reach them; None: a person without a phone."""
    language: Language = "en"
    role: Role = "agent"
    name: str = ""
    active: bool = True
    """Somebody who is not may not sign in; what they did stays theirs."""
    subject: str | None = None
    """What the OIDC provider calls them, once they have come in that way."""
    allowance: Allowance | None = None
    """Their own, where it is not that of all ([offers] in config.toml); with a phone only."""

    def may(self, role: Role) -> bool:
        """Whether they may do what this role may."""
        return ROLES.index(self.role) >= ROLES.index(role)


class Refused(Exception):
    """An action that was understood and cannot be done; ``text`` says why, in the languages of the pages."""

    def __init__(self, text: dict[Language, str]) -> None:
        super().__init__(text["en"])
        self.text = text


@dataclass(frozen=True, slots=True)
class Target:
    """Where an agent sends a call."""

    kind: Literal["agent", "queue", "region", "outside"]
    name: str
    """An agent's id, a queue's name, a region, or a number in E.164."""


class Accounts(Protocol):
    """Who may sign in."""

    async def account(self, login: str) -> Account | None:
        """The account of that login name, or None."""

    async def set_language(self, login: str, language: Language) -> None:
        """Remember the language this person reads."""


class DeskService(Protocol):
    """What an agent's page may ask of the calls; the switchboard implements it.

    Methods that change something raise ``Refused`` when they cannot.
    """

    def snapshot(self, agent: AgentId) -> dict[str, Any]:
        """The whole present state for one agent: the ``hello`` message without its ``type``, ready for JSON."""

    def seen(self, agent: AgentId, call: CallId) -> None:
        """The agent's browser has drawn the card of this call: the end of the ring-to-pop measurement."""

    async def set_state(self, agent: AgentId, state: Literal["available", "paused"], reason: str | None) -> None:
        """Make the agent available or paused in Asterisk's queues."""

    async def act(self, agent: AgentId, call: CallId, what: CallAct) -> None:
        """Hold, take back, complete a consultation, bring all together, pick up, hang up."""

    async def transfer(
        self,
        agent: AgentId,
        call: CallId,
        to: Target,
        consult: bool,
        brief: str,
        words: str,
        why: TransferReason | None = None,
    ) -> None:
        """Pass the call on, at once or after asking there; ``why`` where the agent says."""

    async def wrong_place(self, agent: AgentId, call: CallId, intent: str, brief: str) -> None:
        """It is about something else: the call moves to where that is solved, with everything that is known."""

    async def settle(self, agent: AgentId, call: CallId, offers: tuple[str, ...], accepted: bool) -> None:
        """The caller has said yes or no to offers."""

    async def note(self, agent: AgentId, call: CallId, text: str) -> None:
        """Write something down."""

    async def set_opening(self, agent: AgentId, intent: str, language: Language, text: str) -> None:
        """How this agent opens calls of that reason; an empty text is the dialogue's own again."""

    async def close_contact(
        self, agent: AgentId, call: CallId, outcome: Outcome, note: str, follow_up: datetime | None = None
    ) -> None:
        """The agent's outcome; ends the wrap-up. ``follow_up`` is when somebody must come back to it."""


Late = Callable[[Caller], Awaitable[None]]
"""Takes a record that came after it was asked for."""


async def nobody_waits(caller: Caller) -> None:
    """For those who want an answer now or none."""


class Directory(Protocol):
    """Where customers are looked up."""

    async def find(self, ani: str, late: Late = nobody_waits) -> Caller | None:
        """Everything known of the person behind a number; None when nobody is.

        ``late`` may be told of a newer record afterwards, once. ``dnis`` and ``shown_name`` are left for the caller of
        this method to fill in.
        """


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact on its way to the database, or back."""

    record: dict[str, Any]
    """The columns of the contact, its ``legs`` and its ``waits``."""
    entries: tuple[Entry, ...]


class ContactRecords(Protocol):
    """Where contacts are kept."""

    async def write(self, contacts: Sequence[Contact]) -> None:
        """Write or complete contacts and append their new entries, in one transaction.

        Writing the same once more changes nothing. Raises OSError while the database is away.
        """

    async def unfinished(self, since: datetime, also: Sequence[CallId]) -> list[Contact]:
        """The contacts that began after that time and never ended, and those named, with all their entries."""


class Outcomes(Protocol):
    """What finished calls have come to."""

    async def passages(self, since: datetime) -> Sequence[Passage]:
        """Every answered call with an agent that rang after that time and is over; raises OSError while it cannot be read."""


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


class VoiceFailed(Exception):
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
        """The likeliest reading."""
        return self.hypotheses[0].text if self.hypotheses else ""


class Listening(Protocol):
    """One utterance being recognised. ``feed`` never blocks; results come in order."""

    def feed(self, pcm: bytes) -> None:
        """Give it the next 20 ms of sound."""

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


class Telephony(Protocol):
    """What can be asked of Asterisk. Every method raises ``Refused`` when Asterisk cannot be reached or says no."""

    @property
    def connected(self) -> bool:
        """Whether the manager connection is up."""

    async def set_variables(self, channel: str, variables: dict[str, str]) -> None:
        """Set channel variables, all or an error."""

    async def look(self) -> Found:
        """What Asterisk knows now."""

    async def remember(self, family: str, key: str, value: str) -> None:
        """Write something into Asterisk's own database, where its dialplan can read it without us."""

    async def forget(self, family: str, key: str) -> None:
        """Take it out again; not being there is no error."""

    async def redirect(self, channel: str, where: str, extra: str | None = None, extra_where: str = "") -> None:
        """Send a channel, or two at the same moment, to "context,extension" of the dialplan."""

    async def originate(
        self, interface: str, where: str, caller_id: str, variables: Mapping[str, str], within_s: float = 20
    ) -> None:
        """Ring a phone for so long; once it is answered, it goes to "context,extension" of the dialplan.

        Does not wait for that.
        """

    async def hang_up(self, channel: str) -> None:
        """End a channel; its dialplan is over, too."""

    async def pause(self, interface: str, paused: bool, reason: str | None) -> None:
        """Pause or un-pause a member in all its queues."""

    async def join_queues(self, agent: Agent) -> None:
        """Make the agent a member of each of their queues."""

    async def leave_queues(self, agent: Agent) -> None:
        """Take the agent out of their queues."""


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


class Switchboard(Protocol):
    """What the media server asks of the calls."""

    def line_arrived(self, call: CallId, line: Line) -> str | None:
        """A connection names its call; the reason why it is refused, or None when it may stay."""

    def line_lost(self, call: CallId, line: Line) -> None:
        """A connection ended before its call had begun."""


class VoiceActivity(Protocol):
    """Tells voice from silence, frame by frame, for one line."""

    def voiced(self, pcm: bytes) -> bool:
        """Whether 20 ms of sound hold a voice."""
