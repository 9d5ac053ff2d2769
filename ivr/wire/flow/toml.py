"""``dialplans/*.toml`` to a checked ``Flow``. Every mistake names file, line, table and key, and what would be right."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import stdnum.iso7064.mod_11_10 as mod11
import stdnum.iso7064.mod_97_10 as mod97
import stdnum.luhn
import stdnum.verhoeff
from pydantic import ValidationError

from ivr.core.flow import flow as core
from ivr.core.flow.intent import Intent, Likely
from ivr.core.flow.nodes import Node
from ivr.core.flow.opening_hours import Calendar
from ivr.core.flow.spoken_commands import PHRASES
from ivr.core.flow.wishes import Wish, WishName
from ivr.core.language import LANGUAGES
from ivr.core.offers import Offer
from ivr.core.told import Told, listed
from ivr.wire.flow import check, hours
from ivr.wire.flow import nodes as flow_nodes
from ivr.wire.flow import tables as flow_tables
from ivr.wire.flow.problems import Problems
from ivr.wire.written import toml as written
from ivr.wire.written.key_lines import KeyLines
from ivr.wire.written.refusals import refusals

CHECKS: dict[str, Callable[[str], bool]] = {
    "luhn": stdnum.luhn.is_valid,
    "verhoeff": stdnum.verhoeff.is_valid,
    "mod97": mod97.is_valid,
    "mod11": mod11.is_valid,
}
"""Check digits that a number may have; ``order`` beside them is a look into the caller's own orders."""
_PARTS = ("hours", "queues", "lookups", "intents", "nodes", "prompts", "offers", "wishes")
_SINGLE = ("dialogue", "answers", "commands")
_WANTED = 'a dialogue needs [dialogue] with start = "NODE", and [answers] with yes and no, in one of its files'


class FlowError(Told):
    """What is wrong with the operators' files; ``problems`` has one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass
class _Files:
    """The operators' files, put together, and everything that was wrong so far."""

    texts: Mapping[str, str]
    lines: dict[str, KeyLines] = field(default_factory=dict)
    problems: Problems = field(default_factory=Problems)
    tables: dict[str, dict[str, Any]] = field(default_factory=lambda: {part: {} for part in _PARTS})
    single: dict[str, Any] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)
    """"nodes.greet" → the file it stands in."""

    def complain(self, path: str, what: str, file: str | None = None) -> None:
        """Note a mistake at "nodes.greet.next"."""
        parts = path.split(".")
        owner = file or self.owner.get(".".join(parts[:2])) or self.owner.get(parts[0], "")
        self.problems.add(self.place(owner, parts), path, what)

    def place(self, file: str, path: Sequence[str]) -> str:
        """ "house.toml:12"."""
        line = self.lines[file].line(path) if file in self.lines else None
        return f"{file}:{line}" if line else file

    def where(self) -> dict[str, str]:
        return {path: self.place(file, path.split(".")) for path, file in self.owner.items()}

    def refuse(self) -> None:
        """Raises FlowError where anything was wrong so far: what comes next would only be wrong because of it."""
        if self.problems:
            raise FlowError(self.problems.sentences())


def read(files: Mapping[str, str]) -> core.Flow:
    """Put the files (name → text) together and check them; raises FlowError with everything that is wrong."""
    found = _Files(files)
    for name in sorted(files):
        table = _parse(name, found)
        if table is not None:
            _add(name, table, found)
    found.refuse()
    if missing := [f"[{part}]" for part in _SINGLE[:2] if part not in found.single]:
        there = (
            f"{listed(sorted(files))} {'has' if len(files) == 1 else 'have'}"
            if files
            else "there is no file (*.toml), and so"
        )
        raise FlowError([f"{there} no table {' and no '.join(missing)}: {_WANTED}"])
    return _build(found)


def _parse(name: str, found: _Files) -> flow_tables.File | None:
    try:
        toml = written.read(found.texts[name])
    except written.NotToml as error:
        found.problems.add(f"{name}:{error.line}", "", f"not TOML: {error}")
        return None
    found.lines[name] = toml.lines
    try:
        return flow_tables.File.model_validate(toml.tables)
    except ValidationError as error:
        for one in refusals(error, flow_tables.File):
            found.complain(".".join(one.path), one.what, name)
    return None


def _add(name: str, table: flow_tables.File, found: _Files) -> None:
    for part in _SINGLE:
        if getattr(table, part) is not None:
            if part in found.single:
                other = found.place(found.owner[part], (part,))
                found.complain(part, f"stands in {other}, too: keep one of them", name)
            found.single[part] = getattr(table, part)
            found.owner[part] = name
    for part, known in found.tables.items():
        for key, value in getattr(table, part).items():
            if key in known:
                other = found.place(found.owner[f"{part}.{key}"], (part, key))
                found.complain(f"{part}.{key}", f"stands in {other}, too: give one of them another name", name)
            known[key] = value
            found.owner[f"{part}.{key}"] = name


def _build(found: _Files) -> core.Flow:
    tables, dialogue, answers = found.tables, found.single["dialogue"], found.single["answers"]
    nodes = {name: made for name, raw in tables["nodes"].items() if (made := _node(name, raw, found))}
    queues = {name: _queue(name, raw, found) for name, raw in tables["queues"].items()}
    calendars = _hours(tables["hours"], found)
    found.refuse()
    flow = core.Flow(
        version=_version(found.texts),
        start=dialogue.start,
        nodes=nodes,
        prompts={one.name: one for name, raw in tables["prompts"].items() for one in _prompts(name, raw)},
        intents={name: _intent(name, raw) for name, raw in tables["intents"].items()},
        queues=queues,
        fallback_queue=dialogue.fallback_queue,
        default_language=dialogue.language,
        yes=answers.yes,
        no=answers.no,
        patience=dialogue.patience,
        restart=dialogue.restart,
        person=dialogue.person,
        lookups={
            name: core.Lookup(name, **raw.model_dump() | {"writes": _writes(raw)})
            for name, raw in tables["lookups"].items()
        },
        hours=calendars,
        commands={name: {**PHRASES[name], **found.single.get("commands", {}).get(name, {})} for name in PHRASES},
        where=found.where(),
        checks=CHECKS,
        slot_kinds=check.slot_kinds(nodes),
        wishes=_wishes(tables["wishes"]),
        emergencies=dialogue.emergencies is None,
        emergency=dialogue.emergency,
        offers={name: Offer(name, **raw.model_dump()) for name, raw in tables["offers"].items()},
    )
    check.check(flow, found.complain)
    found.refuse()
    return flow


def _wishes(tables: Mapping[Any, flow_tables.WishTable]) -> dict[WishName, Wish]:
    return {name: Wish(name, raw.phrases, raw.unlike, raw.keywords) for name, raw in tables.items()}


def _node(name: str, raw: flow_tables.NodeTable, found: _Files) -> Node | None:
    return flow_nodes.node(name, raw, lambda key, what: found.complain(f"nodes.{name}.{key}".rstrip("."), what))


def _queue(name: str, raw: flow_tables.QueueTable, found: _Files) -> core.Queue:
    if raw.overflow_s is not None and not raw.overflow:
        found.complain(f"queues.{name}.overflow_s", "nobody helps out after it: name the queues that do in overflow")
    after_s = core.OVERFLOW_S if raw.overflow_s is None else raw.overflow_s
    return core.Queue(name, raw.title, raw.skill, raw.timeout_s, raw.overflow, after_s, raw.hours, raw.closed)


def _prompts(name: str, raw: flow_tables.PromptTable) -> Iterator[core.Prompt]:
    """A prompt, and its short form as one of its own."""
    yield core.Prompt(name, {language: said for language in LANGUAGES if (said := getattr(raw, language))})
    if raw.short is not None:
        yield core.Prompt(core.short_form(name), raw.short)


def _writes(raw: flow_tables.LookupTable) -> bool:
    """Whether a look-up changes something: as the operator says, else as its verb does."""
    if raw.writes is not None:
        return raw.writes
    verb = (raw.sql or "").split(maxsplit=1)[0].lower() if raw.sql and raw.sql.strip() else ""
    return raw.method != "GET" or verb in ("insert", "update", "delete", "replace", "merge", "call")


def _version(texts: Mapping[str, str]) -> str:
    return hashlib.sha256("\0".join(f"{k}\0{v}" for k, v in sorted(texts.items())).encode()).hexdigest()[:12]


def _intent(name: str, raw: flow_tables.IntentTable) -> Intent:
    likely = tuple(Likely(one.when, one.weight, one.because) for one in raw.likely)
    return Intent(
        name, raw.title, raw.phrases, raw.keywords, raw.queue, raw.node, raw.skill, raw.key, raw.opening,
        raw.menu, raw.cost, likely, raw.about, raw.private, raw.it,
    )  # fmt: skip


def _hours(tables: Mapping[str, Mapping[str, object]], found: _Files) -> dict[str, Calendar]:
    made = {}
    for name, table in tables.items():
        try:
            made[name] = hours.calendar(name, table)
        except hours.HoursError as error:
            for problem in error.problems:
                what = problem.removeprefix(f"hours.{name}: ")
                key = re.split(r"[: ]", what)[0]
                whole = f"hours.{name}.{key}" if key in table else f"hours.{name}"
                found.complain(whole, what.removeprefix(f"{key}: ") if key in table else what)
    return made
