"""A corpus of calls: a folder with a sound file a call and what is known of it in a small TOML file beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError, model_validator

from ivr.core.caller import AgentState
from ivr.core.language import Language
from ivr.core.told import Told, why
from ivr.wire.customers.rows import CaseRow, ContactRow, CustomerRow, OrderRow
from ivr.wire.written.refusals import refusals, written
from ivr.wire.written.strict import STRICT, Moment, lists_are_tuples
from ivr.wire.written.toml import NotToml, Toml, of_bytes

SOUNDS = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".au")
RAW_SOUNDS = tuple(".ulaw .ul .mu .ulw .pcm .alaw .al .alw .sln .raw .sln12 .sln16 .sln24 .sln32 .sln44 .sln48".split())
HOUSE = ("customers", "orders", "cases", "contacts")
"""The files that say who calls, in the order in which they must be read."""
YES, NO = "yes", "no"
SKIPPED = "corpus"
"""``corpus.toml`` is about all calls."""
Seconds = Annotated[float, Field(ge=0, le=7200)]
Share = Annotated[float, Field(ge=0, le=1)]


class CorpusError(Told):
    """A corpus that cannot be used; one sentence a problem, each with file, line and key."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _Table(BaseModel):
    model_config = STRICT
    tuples = lists_are_tuples


class Said(_Table):
    """One thing that the caller says or presses."""

    text: str | None = None
    """What is said, word by word; None: not known."""
    keys: Annotated[str, written(r"[0-9*#]{1,32}", 'keys of a telephone, as in "4711#"')] | None = None
    """Keys that are pressed, instead of something said."""
    from_s: Seconds | None = None
    """Where it begins in the sound, in seconds."""
    to_s: Seconds | None = None
    answers: str | None = None
    """What it answers: a node, a slot, "yes" or "no" to what is said back; None: whatever is asked next."""
    over_s: Seconds | None = None
    """It is said over the prompt, so many seconds after that began; None: once the prompt is over."""
    wait_s: Seconds | None = None
    """How long after the prompt it is said; None: as callers do."""
    intent: str | None = None
    """What this piece alone is about, where that is not what the call is about."""
    noise: bool = False
    """A cough, a door, somebody else: it answers nothing, and should not be taken for an answer."""

    @model_validator(mode="after")
    def _one_thing(self) -> Said:
        if self.keys is not None and (self.text is not None or self.from_s is not None):
            raise ValueError("has keys and something said: make two of it")
        if self.noise and self.over_s is None:
            raise ValueError("is noise and needs over_s: when it comes, in seconds after the prompt began")
        if self.from_s is not None and self.to_s is not None and self.to_s <= self.from_s:
            raise ValueError(f"to_s {self.to_s:g} must be after from_s {self.from_s:g}")
        return self


class Facts(_Table):
    """What is known of one call; everything may be left out."""

    intent: str | None = None
    """Why they call; "" when it is none of what the house knows; None: not known."""
    queue: str | None = None
    """The queue whose people can settle it."""
    settled: bool | None = None
    """The machine settles it alone (True), or it takes a person (False); None: either is right."""
    slots: Mapping[str, str] = Field(default_factory=dict)
    """What must be known at the end, by the names of the dialogue's slots."""
    language: Language | None = None
    at: Moment | None = None
    """When the call was held; None: as the corpus says."""
    number: Annotated[str, written(r"[+0-9]{0,32}", 'a number without spaces, as in "+4930901820"')] | None = None
    """The caller's number (ANI)."""
    shown_name: str | None = None
    dnis: Annotated[str, written(r"[+0-9*#]{0,32}", 'a number without spaces, as in "+4930901820"')] = ""
    origin: Literal["recorded", "synthetic", "text"] = "recorded"
    consent: bool | None = None
    """The caller has agreed that it is kept; a recorded call without it is not taken into a corpus."""
    tags: tuple[str, ...] = ()
    """Words to filter by: "angry", "noise 10 dB"."""
    echo_db: Annotated[float, Field(ge=0, le=60)] | None = None
    """The machine's own voice comes back on the caller's side, so many dB lower and 100 ms later; None: it does not."""
    timing: Literal["answers", "recorded"] = "answers"
    """``answers``: each piece is said when it is asked for; ``recorded``: the sound as it is, from the answer on."""
    said: tuple[Said, ...] = ()
    customer: CustomerRow | None = None
    """Who calls, where the corpus' customers.csv does not say it."""
    orders: tuple[OrderRow, ...] = ()
    cases: tuple[CaseRow, ...] = ()
    contacts: tuple[ContactRow, ...] = ()


class Colleague(_Table):
    """An agent who is at work while calls are replayed."""

    id: str
    name: str = ""
    languages: tuple[Language, ...] = ("en",)
    skills: Mapping[str, Annotated[int, Field(ge=1, le=10)]] = Field(default_factory=dict)
    region: str | None = None
    queues: tuple[str, ...] = ()
    state: AgentState = "available"


class Thresholds(_Table):
    """What a replay must reach, or it fails. Shares from 0 to 1; barge-ins and cut-offs a call."""

    wer_max: Share | None = None
    intent_accuracy_min: Share | None = None
    route_accuracy_min: Share | None = None
    needless_transfers_max: Share | None = None
    oos_recall_min: Share | None = None
    slot_accuracy_min: Share | None = None
    false_rejections_max: Share | None = None
    questions_max: Annotated[float, Field(ge=0)] | None = None
    false_barge_ins_max: Annotated[float, Field(ge=0)] | None = None
    cut_offs_max: Annotated[float, Field(ge=0)] | None = None
    response_p95_ms_max: Annotated[float, Field(ge=0)] | None = None
    worse_max: Annotated[int, Field(ge=0)] | None = None
    """Calls that came out worse than in the version that it is compared with (``--against``)."""
    failed_max: Annotated[int, Field(ge=0)] = 0
    """Calls that could not be replayed at all."""


class House(_Table):
    """``corpus.toml``: what holds for all calls."""

    title: str = ""
    at: Moment | None = None
    """When the calls were held, where they do not say it; None: now."""
    agents: tuple[Colleague, ...] = ()
    pins: Mapping[str, str] = Field(default_factory=dict)
    """Customer → PIN."""
    thresholds: Thresholds = Thresholds()


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a corpus."""

    name: str
    """The sound's file name without its ending, or the text's."""
    facts: Facts
    sound: Path | None = None
    """None: a call in text, whose words are heard as they are written."""

    @property
    def wants(self) -> str:
        """Why they call, as reports name it."""
        return "?" if self.facts.intent is None else self.facts.intent or "none of these"


@dataclass(frozen=True, slots=True)
class Corpus:
    """A folder of calls."""

    folder: Path
    house: House
    calls: tuple[Call, ...]
    broken: Mapping[str, str] = field(default_factory=dict)
    """Calls whose files are wrong: name → what is wrong. One bad file never stops the rest."""

    @property
    def sources(self) -> dict[str, Path]:
        """The scripts that make each source's database."""
        return {path.stem: path for path in sorted(self.folder.glob("sources/*.sql"))}

    @property
    def books(self) -> dict[str, Path]:
        """The files that say who calls."""
        return {kind: self.folder / f"{kind}.csv" for kind in HOUSE if (self.folder / f"{kind}.csv").is_file()}

    def at(self, call: Call, now: datetime) -> datetime:
        """When a call was held."""
        return call.facts.at or self.house.at or now


def fingerprint(call: Call, version: str = "") -> str:
    """What a call is: its facts and its sound; and, with a version, what its result depends on."""
    made = hashlib.sha256(version.encode() + b"\0" + call.facts.model_dump_json().encode())
    if call.sound is not None and call.sound.is_file():
        made.update(call.sound.read_bytes())
    return made.hexdigest()[:16]


def read_corpus(folder: Path, only: str | None = None) -> Corpus:
    """Read a corpus; ``only`` keeps the calls whose name or tags contain it. Raises CorpusError for none."""
    if not folder.is_dir():
        raise CorpusError([f"{folder}: there is no such folder; a corpus is a folder with sound files and TOML files"])
    house = _table(House, folder / "corpus.toml") if (folder / "corpus.toml").is_file() else House()
    calls, broken = [], {}
    for name, sound in _files(folder):
        if not name.isprintable() or (only and only not in name and not (folder / f"{name}.toml").is_file()):
            shown = name.encode("utf-8", "backslashreplace").decode()
            if not name.isprintable():
                broken[shown] = "its name has signs that cannot be shown: rename it"
            continue
        try:
            call = _call(folder, name, sound)
        except CorpusError as error:
            broken[name] = "; ".join(error.problems)
            continue
        if only is None or only in name or any(only in tag for tag in call.facts.tags):
            calls.append(call)
    if broken and not calls and not any(_is_meant_as_call(folder, *one) for one in _files(folder)):
        first, problem = next(iter(broken.items()))
        called = "a call is a sound file, a TOML file with [[said]], or both"
        raise CorpusError([f"{folder}: there is no recorded call in it: {called}; {first}.toml is none: {problem}"])
    if not calls and not broken:
        what = f" that has {only!r} in its name or tags" if only else ""
        raise CorpusError([f"{folder}: there is no call{what}: no sound file ({', '.join(SOUNDS)}), no TOML file"])
    return Corpus(folder, house, tuple(calls), broken)


def _files(folder: Path) -> Iterator[tuple[str, Path | None]]:
    """The calls by name, each once, with its sound where there is one."""
    sounds = {path.stem: path for path in sorted(folder.iterdir()) if path.suffix.lower() in SOUNDS + RAW_SOUNDS}
    texts = {path.stem for path in folder.glob("*.toml")} - {SKIPPED}
    for name in sorted(sounds.keys() | texts):
        if not name.startswith("."):
            yield name, sounds.get(name)


def _is_meant_as_call(folder: Path, name: str, sound: Path | None) -> bool:
    """Whether it has a sound, or says something that a call's file says; or nobody can tell, because it is no TOML."""
    if sound is not None:
        return True
    try:
        return bool(read_toml(folder / f"{name}.toml").tables.keys() & Facts.model_fields.keys())
    except CorpusError:
        return True


def _call(folder: Path, name: str, sound: Path | None) -> Call:
    path = folder / f"{name}.toml"
    facts = _table(Facts, path) if path.is_file() else Facts(timing="recorded")
    if sound is None and not facts.said:
        raise CorpusError([f"{path}: has neither a sound file beside it nor anything in [[said]]"])
    if sound is None and any(said.text is None and said.keys is None for said in facts.said):
        raise CorpusError([f"{path}: there is no sound file beside it, so every [[said]] needs its text or keys"])
    if sound is not None and not facts.said:
        facts = facts.model_copy(update={"timing": "recorded"})
    return Call(name, facts, sound)


def read_call_file(path: Path) -> Facts:
    """What is known of one call. Raises CorpusError."""
    facts: Facts = _table(Facts, path)
    return facts


def _table(model: type[Any], path: Path) -> Any:
    """One file, checked. Raises CorpusError with everything that is wrong in it."""
    toml = read_toml(path)
    try:
        return model.model_validate(toml.tables)
    except ValidationError as error:
        raise CorpusError(sentences(path, toml, error, model)) from error


def read_toml(path: Path) -> Toml:
    """One file as it is written. Raises CorpusError."""
    try:
        return of_bytes(path.read_bytes(), str(path))[1]
    except OSError as error:
        raise CorpusError([f"{path}: {why(error)}"]) from error
    except NotToml as error:
        raise CorpusError([str(error)]) from error


def sentences(
    path: Path, toml: Toml, error: ValidationError, model: type[BaseModel], inside: tuple[str, ...] = ()
) -> list[str]:
    """What pydantic has found wrong, with file and line; ``inside`` is the table that it was found in."""
    found = []
    for one in refusals(error, model):
        where = (*inside, *one.path)
        line = toml.lines.line(where)
        found.append(f"{path}{f':{line}' if line else ''}: {'.'.join(where)}: {one.what}")
    return found
