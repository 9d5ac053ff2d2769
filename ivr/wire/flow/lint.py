"""What a checked dialogue allows and an operator cannot have meant: dead ends, dead wood, and what callers would suffer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from ivr.core.dialogue.place import PERSON_INTENT
from ivr.core.dialogue.wording import field_names
from ivr.core.flow.condition import ALWAYS, Condition, facts_of
from ivr.core.flow.flow import Flow, short_form
from ivr.core.flow.intent import Intent
from ivr.core.flow.nodes import (
    WAITING,
    AskNode,
    BranchNode,
    CollectNode,
    DecideNode,
    LookUpNode,
    MenuNode,
    Node,
    ReturnNode,
    RouteNode,
    SayNode,
    conditions_of,
    prompts_of,
)
from ivr.core.language import LANGUAGES
from ivr.wire.flow import paths
from ivr.wire.flow.prompt_length import Seconds, too_long

Severity = Literal["error", "warning"]
Found = tuple[Severity, str, str]
"""Severity, path, what."""
MOST_ENTRIES = 8
STANDARD = "std_"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, or hardly meant."""

    severity: Severity
    where: str
    """File and line, "shop.toml:45"; empty where nobody knows."""
    path: str
    """"nodes.greet"."""
    what: str
    """What is wrong and what would be right."""


def findings(flow: Flow, seconds: Seconds) -> list[Finding]:
    """Everything that the rules find in a flow that ``flow_check`` has passed, by file and line.

    ``seconds(text, language)`` says how long a sentence takes.
    """
    found = [finding(flow, *one) for rule in _RULES for one in rule(flow)]
    found += [finding(flow, *one) for one in too_long(flow, seconds)]
    return in_order(found)


def finding(flow: Flow, severity: Severity, path: str, what: str) -> Finding:
    """A finding with the place where the table of ``path`` begins."""
    return Finding(severity, flow.where.get(".".join(path.split(".")[:2]), ""), path, what)


def in_order(found: list[Finding]) -> list[Finding]:
    """By file, line and path."""

    def key(one: Finding) -> tuple[str, int, str, str]:
        file, _, line = one.where.partition(":")
        return file, int(line or 0), one.path, one.what

    return sorted(found, key=key)


# -- ways ----------------------------------------------------------------------------------------------------------------


def _unreachable(flow: Flow) -> Iterator[Found]:
    reached = _reached(flow)
    for name in flow.nodes:
        if name not in reached:
            what = "no caller can get here: let a node or an intent lead to it, or take it out"
            yield "warning", f"nodes.{name}", what


def _reached(flow: Flow) -> dict[str, str | None]:
    back = paths.coming_back(flow)
    return paths.follow(paths.roots(flow), lambda name: paths.onward(flow, flow.nodes[name], back))


def _no_way_out(flow: Flow) -> Iterator[Found]:
    out = paths.leading_out(flow)
    for name in _reached(flow):
        if isinstance(flow.nodes[name], WAITING) and name not in out:
            what = (
                "whoever answers here never comes to an end, they can only ask for a person: let a way from here lead "
                "to a node with route or end"
            )
            yield "error", f"nodes.{name}", what


def _back_uncalled(flow: Flow) -> Iterator[Found]:
    for name in sorted(paths.uncalled(flow)):
        if isinstance(flow.nodes[name], ReturnNode):
            what = (
                "a call can come here without any node having called this piece, and is then put through to a person: "
                "enter the piece by a node with call only"
            )
            yield "warning", f"nodes.{name}", what


def _never_chosen(flow: Flow) -> Iterator[Found]:
    for name, node in flow.nodes.items():
        if not isinstance(node, SayNode | BranchNode):
            continue
        earlier: list[tuple[Condition, int]] = []
        for number, (key, when) in enumerate(conditions_of(node)):
            before = next((n for other, n in earlier if other in (ALWAYS, when)), None)
            if before is not None:
                other = "has no condition" if node_always(node, before) else "has the same condition"
                what = (
                    f"choice {number + 1} is never taken, because choice {before + 1} before it {other}: "
                    "put it further up or take it out"
                )
                yield "warning", f"nodes.{name}.{key.removesuffix('.when')}", what
            earlier.append((when, number))


def node_always(node: SayNode | BranchNode, number: int) -> bool:
    """Whether a choice holds for everybody."""
    return conditions_of(node)[number][1] == ALWAYS


def _asks(node: Node) -> bool:
    # whether they may be recorded is no question about what they want, and may be passed over
    return isinstance(node, DecideNode) and not node.consent


def _changes_unasked(flow: Flow) -> Iterator[Found]:
    back = paths.coming_back(flow, lambda node: not _asks(node))

    def steps(name: str) -> list[str]:
        node = flow.nodes[name]
        return [] if _asks(node) else paths.onward(flow, node, back)

    unasked = paths.follow(paths.roots(flow), steps)
    for name in unasked:
        node = flow.nodes[name]
        if isinstance(node, LookUpNode) and flow.lookups[node.lookup].writes:
            way = " → ".join(paths.trail(unasked, name))
            what = f"changes something without having asked: on the way {way} there is no node with decide; put one before it"
            yield "warning", f"nodes.{name}", what


# -- what nothing uses ---------------------------------------------------------------------------------------------------


def _unused(flow: Flow) -> Iterator[Found]:
    said = {prompt for node in flow.nodes.values() for _, prompt in prompts_of(node)}
    facts = _facts(flow)
    queued = {i.queue for i in flow.intents.values()} | {
        n.queue for n in flow.nodes.values() if isinstance(n, RouteNode)
    }
    queued |= {name for queue in flow.queues.values() for name in (*queue.overflow, queue.closed)}
    queued |= {flow.fallback_queue} | {
        q for q in flow.queues if f"queue.{q.replace('-', '_')}" in facts or f"queue.{q}" in facts
    }
    asked = {node.lookup for node in flow.nodes.values() if isinstance(node, LookUpNode)}
    timed = {hours for hours in flow.hours if f"open.{hours}" in facts or f"holiday.{hours}" in facts}
    timed |= {queue.hours for queue in flow.queues.values() if queue.hours}
    spoken = {name for name in flow.prompts if name in said or name.startswith(STANDARD)}
    spoken |= {short_form(name) for name in spoken}
    for part, names, used, verb in (
        ("prompts", flow.prompts, spoken, "nothing says it: let a node say it"),
        ("lookups", flow.lookups, asked, "nothing asks it: let a node have it as look_up"),
        ("queues", flow.queues, queued, "no intent, no route and no other queue leads to it: name it in one"),
        (
            "hours",
            flow.hours,
            timed,
            "no condition and no queue asks for it: write open.NAME or holiday.NAME in a when",
        ),
    ):
        for name in names:
            if name not in used:
                yield "warning", f"{part}.{name}", f"{verb.replace('NAME', name)}, or take it out"


def _facts(flow: Flow) -> set[str]:
    """Every fact that conditions ask for; of a queue's facts without what of it."""
    conditions = [when for node in flow.nodes.values() for _, when in conditions_of(node)]
    conditions += [likely.when for intent in flow.intents.values() for likely in intent.likely]
    facts = {fact for when in conditions for fact in facts_of(when)}
    return {fact.rpartition(".")[0] if fact.startswith("queue.") else fact for fact in facts}


def _unused_slots(flow: Flow) -> Iterator[Found]:
    used = {fact.removeprefix("slot.") for fact in _facts(flow) if fact.startswith("slot.")}
    used |= {
        name
        for prompt in flow.prompts.values()
        for texts in prompt.variants.values()
        for t in texts
        for name in field_names(t)
    }
    used |= {name for i in flow.intents.values() for text in (i.opening or {}).values() for name in field_names(text)}
    used |= {name for lookup in flow.lookups.values() for name in lookup.takes}
    back = paths.coming_back(flow)
    for name, node in flow.nodes.items():
        if not isinstance(node, CollectNode) or node.slot in used:
            continue
        behind = paths.follow([node.next], lambda n: paths.onward(flow, flow.nodes[n], back))
        if node.secret or not any(isinstance(flow.nodes[n], RouteNode) for n in behind):
            what = (
                f"the caller is asked for {node.slot!r} and nothing uses it: no prompt, no look-up, no condition, no "
                "agent; use it or do not ask"
            )
            yield "warning", f"nodes.{name}.collect", what


# -- intents and keys ----------------------------------------------------------------------------------------------------


def _unreachable_intents(flow: Flow) -> Iterator[Found]:
    heard = any(isinstance(flow.nodes[name], AskNode | MenuNode) for name in _reached(flow))
    every = _keyed(flow, frozenset(_reached(flow)))
    pressed = _keyed(flow, paths.by_keys(flow))
    for name, intent in flow.intents.items():
        for language in LANGUAGES:
            if name not in every and not (heard and _can_be_said(intent, language)):
                what = (
                    f"nobody can get it in language {language!r}: it has no phrases and no keywords there, and no key in a "
                    "menu that can be reached"
                )
                yield "error", f"intents.{name}", what
        if name not in pressed and name != PERSON_INTENT and any(_can_be_said(intent, one) for one in LANGUAGES):
            what = "the caller who only presses keys cannot get it: give it a key in a menu that can be reached by keys"
            yield "warning", f"intents.{name}", what


def _can_be_said(intent: Intent, language: str) -> bool:
    return any(words for known, words in (*intent.phrases.items(), *intent.keywords.items()) if known == language)


def _keyed(flow: Flow, nodes: frozenset[str]) -> set[str]:
    """The intents that have a key in a menu among these nodes."""
    menus = [node for name in nodes if isinstance(node := flow.nodes[name], MenuNode)]
    return {intent.name for menu in menus for intent in flow.keyed_intents(menu.group)}


def _menus(flow: Flow) -> Iterator[Found]:
    for name, node in flow.nodes.items():
        if not isinstance(node, MenuNode):
            continue
        keys = Counter([*(i.key or "" for i in flow.keyed_intents(node.group)), *(door.key for door in node.doors)])
        if keys.total() > MOST_ENTRIES:
            what = f"has {keys.total()} entries, and nobody remembers more than {MOST_ENTRIES}: put some behind a door (also)"
            yield "error", f"nodes.{name}", what
        for key, times in sorted(keys.items()):
            if times > 1:
                what = f"{times} entries have the key {key}, and only one of them can be chosen: give each its own"
                yield "error", f"nodes.{name}", what


# -- what is said --------------------------------------------------------------------------------------------------------


def _secrets_said(flow: Flow) -> Iterator[Found]:
    secret = {node.slot for node in flow.nodes.values() if isinstance(node, CollectNode) and node.secret}
    said = [
        (f"prompts.{p.name}", text) for p in flow.prompts.values() for texts in p.variants.values() for text in texts
    ]
    said += [(f"intents.{i.name}.opening", text) for i in flow.intents.values() for text in (i.opening or {}).values()]
    for path, name in dict.fromkeys((path, name) for path, text in said for name in sorted(field_names(text) & secret)):
        what = f"says {{{name}}}, which is secret and would be heard and written down: leave it out, or collect it without secret"
        yield "error", path, what


def _said_twice(flow: Flow) -> Iterator[Found]:
    for name, node in flow.nodes.items():
        if not isinstance(node, CollectNode | DecideNode) or node.again != node.prompt:
            continue
        single = [language for language in LANGUAGES if len(flow.prompts[node.prompt].variants.get(language, ())) < 2]
        if single:
            what = (
                f"who is not understood hears {node.prompt!r} twice in a row, the same words ({', '.join(single)}): write a "
                "second variant of it, or another prompt for again"
            )
            yield "warning", f"nodes.{name}.again", what


_RULES: tuple[Callable[[Flow], Iterator[Found]], ...] = (
    _unreachable, _no_way_out, _back_uncalled, _never_chosen, _changes_unasked, _unused, _unused_slots,
    _unreachable_intents, _menus, _secrets_said, _said_twice,
)  # fmt: skip
