"""What the tables of a dialogue say of each other: every name leads somewhere, nothing goes in circles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from ivr.core import flow as core
from ivr.core import nodes as kinds
from ivr.core import wording
from ivr.core.caller import LANGUAGES, Language
from ivr.core.condition import Condition, facts_of
from ivr.core.dialogue.facts import PLAIN, QUEUE_FIELDS
from ivr.core.offers import Offer
from ivr.core.values import ValueKind

Complain = Callable[[str, str], None]
OWN_ARGUMENTS = frozenset({"customer", "ani", "now", "today"})
"""What a look-up may take beside slots, results and facts."""
FEW_PHRASES = 5


def slot_kinds(nodes: Mapping[str, kinds.Node]) -> dict[str, ValueKind]:
    """What each slot holds."""
    return {n.slot: n.names_kind or n.kind for n in nodes.values() if isinstance(n, kinds.CollectNode)}


def check(flow: core.Flow, complain: Complain) -> None:
    """Tell ``complain`` of everything that does not fit together."""
    _dialogue(flow, complain)
    _prompts(flow, complain)
    for name, node in flow.nodes.items():
        _node(flow, name, node, complain)
        if comes_back(flow, name):
            complain(f"nodes.{name}", "the dialogue goes in a circle here without ever waiting for the caller")
    _lookups(flow, complain)
    _intents(flow, complain)
    for name, offer in flow.offers.items():
        _offer(flow, name, offer, complain)


def _offer(flow: core.Flow, name: str, offer: Offer, complain: Complain) -> None:
    where = f"offers.{name}"
    languages(f"{where}.title", offer.title, complain)
    languages(f"{where}.say", offer.say, complain)
    for intent in offer.intents:
        if intent not in flow.intents:
            complain(f"{where}.intents", f"there is no intent {intent!r}; known are {', '.join(flow.intents)}")
    for other in offer.not_with:
        if other not in flow.offers or other == name:
            complain(f"{where}.not_with", f"there is no other offer {other!r}; known are {', '.join(flow.offers)}")


def _dialogue(flow: core.Flow, complain: Complain) -> None:
    for key, target in (("start", flow.start), ("restart", flow.restart), ("person", flow.person)):
        if target is not None and target not in flow.nodes:
            complain(f"dialogue.{key}", f"there is no node {target!r}")
    if flow.person in flow.nodes and not isinstance(flow.nodes[flow.person], kinds.RouteNode):
        complain("dialogue.person", f'{flow.person!r} is no node with route = "intent"')
    if not any(isinstance(node, kinds.RouteNode) for node in flow.nodes.values()):
        complain("nodes", 'there is no node with route = "intent": no caller could ever reach a person')
    if flow.fallback_queue not in flow.queues:
        complain("dialogue.fallback_queue", f"there is no queue {flow.fallback_queue!r}")
    for name, queue in flow.queues.items():
        _queue(flow, name, queue, complain)
    for key, words in (("yes", flow.yes), ("no", flow.no)):
        languages(f"answers.{key}", words, complain)


def _queue(flow: core.Flow, name: str, queue: core.Queue, complain: Complain) -> None:
    where = f"queues.{name}"
    languages(f"{where}.title", queue.title, complain)
    for helper in queue.overflow:
        if helper == name or helper not in flow.queues:
            what = "a queue cannot help itself out" if helper == name else f"there is no queue {helper!r}"
            complain(f"{where}.overflow", what)
    if queue.hours is not None and queue.hours not in flow.hours:
        complain(f"{where}.hours", f"there is no table [hours.{queue.hours}]")
    if queue.hours is not None and name == flow.fallback_queue:
        complain(
            f"{where}.hours", "the fallback queue must always take calls: nobody would be there for those it is for"
        )
    if queue.closed is not None and queue.closed not in flow.queues:
        complain(f"{where}.closed", f"there is no queue {queue.closed!r}")
    if queue.closed is not None and queue.hours is None:
        complain(f"{where}.closed", "without hours it never closes: name a table [hours.NAME] in hours")
    if _passed_round(flow, name):
        complain(f"{where}.closed", "while all of them are closed, calls would be passed round in a circle")


def _passed_round(flow: core.Flow, name: str) -> bool:
    """Whether a closed queue's calls could come back to it, each queue on the way being closed too."""
    seen, queue = {name}, flow.queues.get(name)
    while queue and queue.hours and queue.closed:
        if queue.closed in seen:
            return queue.closed == name
        seen.add(queue.closed)
        queue = flow.queues.get(queue.closed)
    return False


def languages(where: str, texts: Mapping[Language, object], complain: Complain) -> None:
    """Every language has something."""
    for language in LANGUAGES:
        if not texts.get(language):
            complain(where, f"has nothing in language {language!r}")


def _prompts(flow: core.Flow, complain: Complain) -> None:
    for name in core.STANDARD_PROMPTS:
        if name not in flow.prompts:
            complain(
                f"prompts.{name}",
                "is missing; the project's dialplans/standard.toml has it, copy that file beside yours",
            )
    known = wording.FIELD_NAMES | set(flow.slot_kinds) | set(result_fields(flow))
    for name, said in flow.prompts.items():
        languages(f"prompts.{name}", said.variants, complain)
        for text in (t for variants in said.variants.values() for t in variants):
            for field in sorted(wording.field_names(text) - known):
                complain(f"prompts.{name}", f"unknown field {{{field}}}; known are {', '.join(sorted(known))}")
            if re.search("[{}]", wording.fill(text, {})):
                complain(f"prompts.{name}", f"a field is written {{name}} or {{name:kind}}, in small letters: {text!r}")
            for kind in sorted(wording.field_kinds(text) - wording.KINDS):
                complain(
                    f"prompts.{name}", f"nothing is said as {kind!r}; known are {', '.join(sorted(wording.KINDS))}"
                )


def result_fields(flow: core.Flow) -> Iterable[str]:
    """Everything that look-ups give: "order.status"."""
    return (f"{lookup.name}.{field}" for lookup in flow.lookups.values() for field in lookup.gives)


def _node(flow: core.Flow, name: str, node: kinds.Node, complain: Complain) -> None:
    where = f"nodes.{name}"
    for key, prompt in kinds.prompts_of(node):
        if prompt not in flow.prompts:
            complain(f"{where}.{key}", f"there is no prompt {prompt!r}")
    for key, target in kinds.ways(node):
        if target not in flow.nodes:
            complain(f"{where}.{key}", f"there is no node {target!r}")
    for key, when in kinds.conditions_of(node):
        condition(flow, f"{where}.{key}", when, complain)
    match node:
        case kinds.RouteNode(queue=queue) if queue and queue not in flow.queues:
            complain(f"{where}.queue", f"there is no queue {queue!r}")
        case kinds.EndNode(call_back=call_back, queue=queue, without=without):
            _end(flow, where, call_back, queue, without, complain)
        case kinds.CollectNode():
            _collect(flow, where, node, complain)
        case kinds.LookUpNode(lookup=lookup) if lookup not in flow.lookups:
            complain(f"{where}.look_up", f"there is no look-up {lookup!r}")
        case kinds.AskNode():
            _ask(flow, where, node, complain)
        case kinds.MenuNode():
            _menu(flow, where, node, complain)


def _end(
    flow: core.Flow, where: str, call_back: bool, queue: str | None, without: str | None, complain: Complain
) -> None:
    if queue and queue not in flow.queues:
        complain(f"{where}.queue", f"there is no queue {queue!r}")
    if not call_back and (queue or without):
        complain(f"{where}.{'queue' if queue else 'without'}", "only an end with call_back = true has one")
    if call_back and not without:
        complain(where, "a call back needs without: where callers go who cannot be called")


def _ask(flow: core.Flow, where: str, node: kinds.AskNode, complain: Complain) -> None:
    for i, suggestion in enumerate(node.suggest):
        if suggestion.intent not in flow.intents:
            complain(f"{where}.suggest.{i}.intent", f"there is no intent {suggestion.intent!r}")
    if node.menu in flow.nodes and not isinstance(flow.nodes[node.menu], kinds.MenuNode):
        complain(f"{where}.menu", f"{node.menu!r} is no keypad menu")


def _menu(flow: core.Flow, where: str, node: kinds.MenuNode, complain: Complain) -> None:
    for i, door in enumerate(node.doors):
        languages(f"{where}.also.{i}.title", door.title, complain)
        if any(intent.key == door.key for intent in flow.keyed_intents(node.group)):
            complain(f"{where}.also.{i}.key", f"{door.key} is the key of an intent of this menu too")


def _collect(flow: core.Flow, where: str, node: kinds.CollectNode, complain: Complain) -> None:
    languages(f"{where}.label", node.label, complain)
    if node.check not in ("no", "order", *flow.checks):
        complain(f"{where}.check", f"there is no check {node.check!r}; known are no, order, {', '.join(flow.checks)}")
    if node.names:
        languages(f"{where}.names", node.names, complain)
    if node.names_from and node.names_from not in set(result_fields(flow)):
        complain(f"{where}.names_from", f"no look-up gives {node.names_from!r}")


def condition(flow: core.Flow, where: str, when: Condition, complain: Complain) -> None:
    """Every fact of a condition is one that there is."""
    for name in facts_of(when):
        problem = _unknown_fact(flow, name)
        if problem:
            complain(where, problem)


def _unknown_fact(flow: core.Flow, name: str) -> str | None:
    if name in PLAIN:
        return None
    head, _, rest = name.partition(".")
    match head:
        case "open" | "holiday":
            return None if rest in flow.hours else f"{name}: there is no table [hours.{rest}]"
        case "queue":
            queue, _, what = rest.rpartition(".") if "." in rest else (rest, "", "")
            if queue not in flow.queues and queue.replace("_", "-") not in flow.queues:
                return f"{name}: there is no queue {queue!r}"
            return None if what in QUEUE_FIELDS else f"{name}: a queue has {', '.join(QUEUE_FIELDS)}"
        case "slot":
            return None if rest in flow.slot_kinds else f"{name}: no node collects {rest!r}"
        case "result":
            return None if rest in set(result_fields(flow)) else f"{name}: no look-up gives {rest!r}"
    named = "open.HOURS, holiday.HOURS, queue.QUEUE.waiting, slot.SLOT, result.LOOKUP.FIELD"
    return f"there is no fact {name!r}; there are {', '.join(sorted(PLAIN))}, {named}"


def _lookups(flow: core.Flow, complain: Complain) -> None:
    known = OWN_ARGUMENTS | set(flow.slot_kinds) | set(result_fields(flow)) | set(PLAIN)
    for name, lookup in flow.lookups.items():
        where = f"lookups.{name}"
        if (lookup.sql is None) == (lookup.path is None):
            complain(where, "needs sql or path, not both")
        for taken in lookup.takes:
            if taken not in known:
                complain(f"{where}.takes", f"there is no {taken!r}: no slot, no result, no fact of that name")
        bound = set(re.findall(r"(?<![:\w\\]):([A-Za-z_][A-Za-z0-9_]*)", lookup.sql or ""))
        in_path = set(re.findall(r"\{([^{}]*)\}", lookup.path or ""))
        # in SQL a name cannot have a dot in it, so there it is written with an underscore
        missed = (bound - {taken.replace(".", "_") for taken in lookup.takes}) | (in_path - set(lookup.takes))
        for missing in sorted(missed):
            complain(f"{where}.takes", f"{missing!r} is used and not taken")
        if lookup.label:
            languages(f"{where}.label", lookup.label, complain)


_PASSED_OVER = (
    kinds.SayNode, kinds.BranchNode, kinds.CallNode, kinds.CollectNode, kinds.DecideNode, kinds.ProveNode, kinds.AskNode,
    kinds.LookUpNode,
)  # fmt: skip
"""Nodes that need not wait for the caller: a slot that is filled, a question that was put too often, a proof that was given
or that nobody unknown can give, a look-up, a question in a language that is not heard."""


def comes_back(flow: core.Flow, start: str) -> bool:
    """Whether the dialogue could go from a node to itself without waiting for the caller."""
    passed, seen = [start], set[str]()
    while passed:
        node = flow.nodes.get(passed.pop())
        if not isinstance(node, _PASSED_OVER):
            continue
        if isinstance(node, kinds.AskNode):
            targets = {node.menu}
        elif isinstance(node, kinds.CollectNode | kinds.DecideNode):
            targets = _past(node)
        else:
            targets = {target for _, target in kinds.ways(node)}
        if start in targets:
            return True
        passed += targets - seen
        seen |= targets
    return False


def _past(node: kinds.CollectNode | kinds.DecideNode) -> set[str]:
    """Where a question may lead unasked: it is answered already, has nothing to offer, or was put too often."""
    targets = {node.otherwise} - {None, node.name}
    if isinstance(node, kinds.CollectNode) and (not node.anew or (node.names_from and not node.otherwise)):
        targets.add(node.next)
    if isinstance(node, kinds.DecideNode) and node.consent:
        targets |= {node.yes, node.no}
    return {target for target in targets if target}


def _intents(flow: core.Flow, complain: Complain) -> None:
    keys: dict[tuple[str, str], str] = {}
    menus = {node.group for node in flow.nodes.values() if isinstance(node, kinds.MenuNode)}
    for name, intent in flow.intents.items():
        where = f"intents.{name}"
        if intent.queue is None and intent.node is None:
            complain(where, "needs a queue, or a node that serves it")
        if intent.queue and intent.queue not in flow.queues:
            complain(f"{where}.queue", f"there is no queue {intent.queue!r}")
        if intent.node and intent.node not in flow.nodes:
            complain(f"{where}.node", f"there is no node {intent.node!r}")
        if intent.key and intent.menu not in menus:
            complain(f"{where}.menu", f"no node has menu = {intent.menu!r}")
        if intent.key and (intent.menu, intent.key) in keys:
            complain(f"{where}.key", f"{intent.key} is the key of {keys[intent.menu, intent.key]} too")
        keys[intent.menu, intent.key or ""] = name
        for i, likely in enumerate(intent.likely):
            condition(flow, f"{where}.likely.{i}.when", likely.when, complain)
            languages(f"{where}.likely.{i}.because", likely.because, complain)
        languages(f"{where}.title", intent.title, complain)
        for language in LANGUAGES:
            if len(intent.phrases.get(language, ())) < FEW_PHRASES:
                complain(f"{where}.phrases.{language}", "five phrases or more are needed")
