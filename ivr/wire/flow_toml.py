"""``dialplans/*.toml`` to a checked ``Flow``. Every mistake names file, table and key, and what would be right."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ivr.core import flow as core
from ivr.core import wording
from ivr.core.caller import LANGUAGES, Language
from ivr.core.intent import Intent

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]
Sentence = Annotated[str, Field(min_length=1, max_length=500)]
Key = Annotated[str, Field(pattern=r"^[1-8]$")]


class FlowError(Exception):
    """What is wrong with the operators' files; ``problems`` has one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Dialogue(_Table):
    start: Name
    language: Language = "en"
    fallback_queue: Name = "ivr-fallback"
    patience: int = Field(default=3, ge=1, le=9)


class _Answers(_Table):
    yes: dict[Language, tuple[Sentence, ...]]
    no: dict[Language, tuple[Sentence, ...]]


class _Queue(_Table):
    title: dict[Language, Sentence]
    skill: Name | None = None
    timeout_s: int = Field(default=300, ge=10, le=86_400)


class _Intent(_Table):
    title: dict[Language, Sentence]
    phrases: dict[Language, tuple[Sentence, ...]]
    keywords: dict[Language, tuple[Sentence, ...]] = {}
    queue: Name | None = None
    node: Name | None = None
    skill: Name | None = None
    key: Key | None = None
    opening: dict[Language, Sentence] | None = None


class _Choice(_Table):
    prompt: Name
    when: core.Condition = "always"
    next: Name | None = None


class _Node(_Table):
    say: tuple[_Choice, ...] | None = None
    ask: str | None = Field(default=None, pattern="^intent$")
    menu: str | None = None
    collect: Name | None = None
    route: str | None = Field(default=None, pattern="^intent$")
    end: Name | None = None
    prompt: Name | None = None
    again: Name | None = None
    confirm: Name | None = None
    option: Name | None = None
    person: Name | None = None
    queue: Name | None = None
    next: Name | None = None
    label: dict[Language, Sentence] | None = None
    digits: int | None = Field(default=None, ge=1, le=20)
    known: str = Field(default="no", pattern="^(no|late_order|only_order)$")
    check: str = Field(default="no", pattern="^(no|order)$")


class _File(_Table):
    dialogue: _Dialogue | None = None
    answers: _Answers | None = None
    queues: dict[Name, _Queue] = {}
    intents: dict[Name, _Intent] = {}
    nodes: dict[Name, _Node] = {}
    prompts: dict[Name, dict[Language, tuple[Sentence, ...]]] = {}


_KINDS: dict[str, tuple[str, ...]] = {
    "say": ("next",),
    "ask": ("prompt", "again", "confirm", "menu", "next"),
    "menu": ("prompt", "option", "next"),
    "collect": ("label", "digits", "prompt", "again", "next"),
    "route": ("prompt", "person"),
    "end": (),
}
"""Each kind of node and the keys that it must have."""


def read(files: Mapping[str, str]) -> core.Flow:
    """Put the files (name → text) together and check them; raises FlowError with everything that is wrong."""
    problems: list[str] = []
    merged: dict[str, dict[str, Any]] = {"queues": {}, "intents": {}, "nodes": {}, "prompts": {}}
    single: dict[str, Any] = {}
    for name, text in sorted(files.items()):
        table = _parse(name, text, problems)
        if table is None:
            continue
        for part in ("dialogue", "answers"):
            if getattr(table, part) is not None:
                if part in single:
                    problems.append(f"{name}: [{part}] stands in another file too; keep one")
                single[part] = getattr(table, part)
        for part, known in merged.items():
            for key, value in getattr(table, part).items():
                if key in known:
                    problems.append(f"{name}: [{part}.{key}] stands in another file too; names must differ")
                known[key] = (name, value)
    if not problems:
        problems += [f"no file has the table [{part}]" for part in ("dialogue", "answers") if part not in single]
    if problems:
        raise FlowError(problems)
    return _build(files, single["dialogue"], single["answers"], merged, problems)


def _parse(name: str, text: str, problems: list[str]) -> _File | None:
    try:
        return _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{name}: not TOML: {error}")
    except ValidationError as error:
        for wrong in error.errors():
            where = ".".join(str(part) for part in wrong["loc"])
            what = "unknown key" if wrong["type"] == "extra_forbidden" else wrong["msg"]
            problems.append(f"{name}: {where}: {what}")
    return None


def _build(
    files: Mapping[str, str],
    dialogue: _Dialogue,
    answers: _Answers,
    merged: dict[str, dict[str, Any]],
    problems: list[str],
) -> core.Flow:
    prompts = {name: core.Prompt(name, value) for name, (_, value) in merged["prompts"].items()}
    flow = core.Flow(
        version=hashlib.sha256("\0".join(f"{k}\0{v}" for k, v in sorted(files.items())).encode()).hexdigest()[:12],
        start=dialogue.start,
        nodes={
            name: node for name, (file, raw) in merged["nodes"].items() if (node := _node(file, name, raw, problems))
        },
        prompts=prompts,
        intents={name: _intent(name, raw) for name, (_, raw) in merged["intents"].items()},
        queues={name: core.Queue(name, q.title, q.skill, q.timeout_s) for name, (_, q) in merged["queues"].items()},
        fallback_queue=dialogue.fallback_queue,
        default_language=dialogue.language,
        yes=answers.yes,
        no=answers.no,
        patience=dialogue.patience,
    )
    _check(flow, {part: {k: v[0] for k, v in table.items()} for part, table in merged.items()}, problems)
    if problems:
        raise FlowError(problems)
    return flow


def _intent(name: str, raw: _Intent) -> Intent:
    return Intent(
        name, raw.title, raw.phrases, raw.keywords, raw.queue, raw.node, raw.skill, raw.key, raw.opening
    )  # fmt: skip


def _node(file: str, name: str, raw: _Node, problems: list[str]) -> core.Node | None:
    kinds = [kind for kind in _KINDS if kind != "menu" and getattr(raw, kind) is not None]
    if raw.menu == "intents" and not kinds:
        kinds = ["menu"]
    if len(kinds) != 1:
        problems.append(f"{file}: nodes.{name}: a node has exactly one of {', '.join(_KINDS)}, not {len(kinds)}")
        return None
    kind = kinds[0]
    missing = [key for key in _KINDS[kind] if getattr(raw, key) is None]
    allowed = {
        kind,
        *_KINDS[kind],
        *(("known", "check") if kind == "collect" else ("queue",) if kind == "route" else ()),
    }
    extra = [key for key in raw.model_fields_set if key not in allowed]
    for key in missing:
        problems.append(f"{file}: nodes.{name}: a node of kind {kind} needs {key}")
    for key in extra:
        problems.append(f"{file}: nodes.{name}.{key}: a node of kind {kind} has no such key")
    return None if missing or extra else _MAKERS[kind](name, raw)


def _collect(name: str, raw: _Node) -> core.Node:
    assert raw.collect and raw.label and raw.digits and raw.prompt and raw.again and raw.next
    return core.CollectNode(
        name, raw.collect, raw.label, raw.digits, raw.prompt, raw.again, raw.next,
        known=raw.known, check=raw.check,  # type: ignore[arg-type]  # the pattern has checked them
    )  # fmt: skip


_MAKERS: dict[str, Any] = {
    "say": lambda n, r: core.SayNode(n, tuple(core.Choice(c.prompt, c.when, c.next) for c in r.say), r.next),
    "ask": lambda n, r: core.AskNode(n, r.prompt, r.again, r.confirm, r.menu, r.next),
    "menu": lambda n, r: core.MenuNode(n, r.prompt, r.option, r.next),
    "collect": _collect,
    "route": lambda n, r: core.RouteNode(n, r.prompt, r.person, r.queue),
    "end": lambda n, r: core.EndNode(n, r.end),
}


def _check(flow: core.Flow, files: dict[str, dict[str, str]], problems: list[str]) -> None:
    """What the tables say of each other."""
    if flow.start not in flow.nodes:
        problems.append(f"dialogue.start: there is no node {flow.start!r}")
    if not any(isinstance(node, core.RouteNode) for node in flow.nodes.values()):
        problems.append('there is no node with route = "intent": no caller could ever reach a person')
    if flow.fallback_queue not in flow.queues:
        problems.append(f"dialogue.fallback_queue: there is no queue {flow.fallback_queue!r}")
    for name, queue in flow.queues.items():
        _check_languages(f"{files['queues'][name]}: queues.{name}.title", queue.title, problems)
    for key, words in (("yes", flow.yes), ("no", flow.no)):
        _check_languages(f"answers.{key}", words, problems)
    for name, said in flow.prompts.items():
        where = f"{files['prompts'][name]}: prompts.{name}"
        _check_languages(where, said.variants, problems)
        for text in (t for variants in said.variants.values() for t in variants):
            for field in wording.field_names(text) - wording.FIELD_NAMES:
                problems.append(
                    f"{where}: unknown field {{{field}}}; known are {', '.join(sorted(wording.FIELD_NAMES))}"
                )
    _check_nodes(flow, files["nodes"], problems)
    _check_intents(flow, files["intents"], problems)


def _check_nodes(flow: core.Flow, files: dict[str, str], problems: list[str]) -> None:
    for name, node in flow.nodes.items():
        where = f"{files[name]}: nodes.{name}"
        for key, prompt in _prompts_of(node):
            if prompt not in flow.prompts:
                problems.append(f"{where}.{key}: there is no prompt {prompt!r}")
        for key, target in _targets_of(node):
            if target not in flow.nodes:
                problems.append(f"{where}.{key}: there is no node {target!r}")
        if isinstance(node, core.RouteNode) and node.queue and node.queue not in flow.queues:
            problems.append(f"{where}.queue: there is no queue {node.queue!r}")
        if isinstance(node, core.CollectNode):
            _check_languages(f"{where}.label", node.label, problems)
        if _comes_back(flow, name):
            problems.append(f"{where}: the dialogue goes in a circle here without ever waiting for the caller")


def _check_languages(where: str, texts: Mapping[Language, object], problems: list[str]) -> None:
    problems += [f"{where}: has nothing in language {language!r}" for language in LANGUAGES if not texts.get(language)]


_PASSED_OVER: dict[type[core.Node], tuple[str, ...]] = {
    core.SayNode: ("say", "next"), core.CollectNode: ("next",), core.AskNode: ("menu",),
}  # fmt: skip
"""Where a call goes on from nodes that need not wait: a slot that is filled, a question in a language that is not heard."""


def _comes_back(flow: core.Flow, start: str) -> bool:
    """Whether the dialogue could go from a node to itself without waiting for the caller."""
    ways, seen = [start], set[str]()
    while ways:
        node = flow.nodes.get(ways.pop())
        if node is None or type(node) not in _PASSED_OVER:
            continue
        targets = {target for key, target in _targets_of(node) if key.startswith(_PASSED_OVER[type(node)])}
        if start in targets:
            return True
        ways += targets - seen
        seen |= targets
    return False


def _check_intents(flow: core.Flow, files: dict[str, str], problems: list[str]) -> None:
    keys: dict[str, str] = {}
    for name, intent in flow.intents.items():
        where = f"{files[name]}: intents.{name}"
        if intent.queue is None and intent.node is None:
            problems.append(f"{where}: needs a queue, or a node that serves it")
        if intent.queue and intent.queue not in flow.queues:
            problems.append(f"{where}.queue: there is no queue {intent.queue!r}")
        if intent.node and intent.node not in flow.nodes:
            problems.append(f"{where}.node: there is no node {intent.node!r}")
        if intent.key and intent.key in keys:
            problems.append(f"{where}.key: {intent.key} is the key of {keys[intent.key]} too")
        keys[intent.key or ""] = name
        _check_languages(f"{where}.title", intent.title, problems)
        for language in LANGUAGES:
            if len(intent.phrases.get(language, ())) < 5:
                problems.append(f"{where}.phrases.{language}: five phrases or more are needed")


def _prompts_of(node: core.Node) -> list[tuple[str, str]]:
    if isinstance(node, core.SayNode):
        return [(f"say.{i}", choice.prompt) for i, choice in enumerate(node.say)]
    keys = ("prompt", "again", "confirm", "option", "person")
    return [(key, getattr(node, key)) for key in keys if hasattr(node, key)]


def _targets_of(node: core.Node) -> list[tuple[str, str]]:
    targets = [(key, getattr(node, key)) for key in ("next", "menu") if hasattr(node, key)]
    if isinstance(node, core.SayNode):
        targets += [(f"say.{i}.next", c.next) for i, c in enumerate(node.say) if c.next]
    return targets
