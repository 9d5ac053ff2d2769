"""What the tables of a dialogue say of each other: every name leads somewhere, nothing goes in circles."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping

from ivr.core.dialogue import wording
from ivr.core.dialogue.facts import PLAIN, QUEUE_FIELDS
from ivr.core.flow import flow as core
from ivr.core.flow import nodes as kinds
from ivr.core.flow.condition import Condition, facts_of
from ivr.core.flow.values import ValueKind
from ivr.core.language import LANGUAGES, Language
from ivr.core.offers import Offer
from ivr.core.told import listed, meant, no_such
from ivr.wire.flow.circles import comes_back, passed_round

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
            complain(
                f"nodes.{name}",
                "the dialogue goes in a circle here without ever waiting for the caller: let a question or a menu stand in it",
            )
    _lookups(flow, complain)
    _intents(flow, complain)
    for name, offer in flow.offers.items():
        _offer(flow, name, offer, complain)


def _offer(flow: core.Flow, name: str, offer: Offer, complain: Complain) -> None:
    where = f"offers.{name}"
    languages(f"{where}.title", offer.title, complain)
    languages(f"{where}.say", offer.say, complain)
    for i, intent in enumerate(offer.intents):
        _known("intent", f"{where}.intents.{i}", intent, flow.intents, complain)
    for i, other in enumerate(offer.not_with):
        _known("other offer", f"{where}.not_with.{i}", other, [one for one in flow.offers if one != name], complain)


def _known(kind: str, where: str, name: str | None, names: Collection[str], complain: Complain) -> None:
    """Complain of a name that nothing has."""
    if name is not None and name not in names:
        complain(where, no_such(kind, name, names))


def _dialogue(flow: core.Flow, complain: Complain) -> None:
    for key, target in (
        ("start", flow.start), ("restart", flow.restart), ("person", flow.person), ("emergency", flow.emergency)
    ):  # fmt: skip
        _known("node", f"dialogue.{key}", target, flow.nodes, complain)
    for key, route in (("person", flow.person), ("emergency", flow.emergency)):
        if route in flow.nodes and not isinstance(flow.nodes[route], kinds.RouteNode):
            complain(f"dialogue.{key}", f'{route!r} is no node with route = "intent": name one that is')
    if not any(isinstance(node, kinds.RouteNode) for node in flow.nodes.values()):
        complain("nodes", 'there is no node with route = "intent": no caller could ever reach a person')
    _known("queue", "dialogue.fallback_queue", flow.fallback_queue, flow.queues, complain)
    for name, queue in flow.queues.items():
        _queue(flow, name, queue, complain)
    for key, words in (("yes", flow.yes), ("no", flow.no)):
        languages(f"answers.{key}", words, complain)


def _queue(flow: core.Flow, name: str, queue: core.Queue, complain: Complain) -> None:
    where = f"queues.{name}"
    languages(f"{where}.title", queue.title, complain)
    for i, helper in enumerate(queue.overflow):
        if helper == name:
            complain(f"{where}.overflow.{i}", "a queue cannot help itself out: name another, or leave it out")
        else:
            _known("queue", f"{where}.overflow.{i}", helper, flow.queues, complain)
    _known("table of hours", f"{where}.hours", queue.hours, flow.hours, complain)
    if queue.hours is not None and name == flow.fallback_queue:
        complain(
            f"{where}.hours",
            "the fallback queue must always take calls, those that nobody else takes: leave its hours out",
        )
    _known("queue", f"{where}.closed", queue.closed, flow.queues, complain)
    if queue.closed is not None and queue.hours is None:
        complain(f"{where}.closed", "without hours it never closes: name a table [hours.NAME] in hours")
    if passed_round(flow, name):
        complain(
            f"{where}.closed",
            "while all of them are closed, calls would be passed round in a circle: name a queue that is always open",
        )


def languages(where: str, texts: Mapping[Language, object], complain: Complain) -> None:
    """Every language has something."""
    for language in LANGUAGES:
        if not texts.get(language):
            complain(where, f"has nothing in language {language!r}: every text is needed in {listed(LANGUAGES)}")


def _prompts(flow: core.Flow, complain: Complain) -> None:
    if missing := [name for name in core.STANDARD_PROMPTS if name not in flow.prompts]:
        what = f"{listed(missing)} {'is' if len(missing) == 1 else 'are'} missing, which every dialogue needs"
        complain("prompts", f"{what}: the project's dialplans/standard.toml has them, copy that file beside yours")
    for name, said in flow.prompts.items():
        languages(f"prompts.{name}", said.variants, complain)
        for language, texts in said.variants.items():
            for i, text in enumerate(texts):
                _fields(flow, f"prompts.{name}.{language}.{i}", text, complain)


def _fields(flow: core.Flow, where: str, text: str, complain: Complain) -> None:
    """The fields of a sentence, "{day:date}": each is something, and is said in a way that there is."""
    times = frozenset(f"{what}.{hours}" for hours in flow.hours for what in ("opens", "closes", "week"))
    for field in sorted(wording.field_names(text)):
        _value(flow, where, field, wording.FIELD_NAMES | times, complain)
    if re.search("[{}]", wording.fill(text, {})):
        complain(
            where, f"{text!r} has a brace too many: a field is written {{name}} or {{name:kind}}, in small letters"
        )
    for kind in sorted(wording.field_kinds(text) - wording.KINDS):
        complain(where, no_such("way to say a value", kind, sorted(wording.KINDS)))


def _value(flow: core.Flow, where: str, name: str, others: Collection[str], complain: Complain) -> None:
    """A slot, a field of a look-up, or one of ``others``; the same sentence wherever it is used: it is one mistake."""
    given = [*flow.slot_kinds, *result_fields(flow)]
    if name in given or name in others or _of_unknown_lookup(flow, name):
        return
    known_here = given if meant(name, given) or not meant(name, others) else [*given, *sorted(set(others) - set(given))]
    complain(where, no_such("value", name, known_here))


def _of_unknown_lookup(flow: core.Flow, field: str) -> bool:
    """Whether it is of a look-up that a node asks and that there is not: that is told there."""
    name = field.partition(".")[0]
    asked = {node.lookup for node in flow.nodes.values() if isinstance(node, kinds.LookUpNode)}
    return name in asked and name not in flow.lookups


def result_fields(flow: core.Flow) -> Iterable[str]:
    """Everything that look-ups give: "order.status"."""
    return (f"{lookup.name}.{field}" for lookup in flow.lookups.values() for field in lookup.gives)


def _node(flow: core.Flow, name: str, node: kinds.Node, complain: Complain) -> None:
    where = f"nodes.{name}"
    for key, prompt in kinds.prompts_of(node):
        _known("prompt", f"{where}.{key}", prompt, flow.prompts, complain)
    for key, target in kinds.ways(node):
        _known("node", f"{where}.{key}", target, flow.nodes, complain)
    for key, when in kinds.conditions_of(node):
        condition(flow, f"{where}.{key}", when, complain)
    match node:
        case kinds.RouteNode(queue=queue):
            _known("queue", f"{where}.queue", queue, flow.queues, complain)
        case kinds.EndNode():
            _end(flow, where, node, complain)
        case kinds.CollectNode():
            _collect(flow, where, node, complain)
        case kinds.LookUpNode(lookup=lookup):
            _known("look-up", f"{where}.look_up", lookup, flow.lookups, complain)
        case kinds.AskNode():
            _ask(flow, where, node, complain)
        case kinds.MenuNode():
            _menu(flow, where, node, complain)


def _end(flow: core.Flow, where: str, node: kinds.EndNode, complain: Complain) -> None:
    _known("queue", f"{where}.queue", node.queue, flow.queues, complain)
    if not node.call_back:
        for key in ("queue", "without", "elsewhere", "number"):
            if getattr(node, key):
                complain(f"{where}.{key}", "only an end with call_back = true has one: leave it out")
    phones = [one.slot for one in flow.nodes.values() if isinstance(one, kinds.CollectNode) and one.kind == "phone"]
    _known("slot of a phone number", f"{where}.number", node.number, phones, complain)
    if node.call_back and not node.without:
        complain(where, "without is missing: a call back needs the node of callers who cannot be called")


def _ask(flow: core.Flow, where: str, node: kinds.AskNode, complain: Complain) -> None:
    for i, suggestion in enumerate(node.suggest):
        _known("intent", f"{where}.suggest.{i}.intent", suggestion.intent, flow.intents, complain)
    if node.menu in flow.nodes and not isinstance(flow.nodes[node.menu], kinds.MenuNode):
        complain(f"{where}.menu", f"{node.menu!r} is no keypad menu: name a node that has menu")


def _menu(flow: core.Flow, where: str, node: kinds.MenuNode, complain: Complain) -> None:
    for i, door in enumerate(node.doors):
        languages(f"{where}.also.{i}.title", door.title, complain)
        if any(intent.key == door.key for intent in flow.keyed_intents(node.group)):
            complain(
                f"{where}.also.{i}.key",
                f"{door.key} is the key of an intent of this menu, too: give one of them another",
            )


def _collect(flow: core.Flow, where: str, node: kinds.CollectNode, complain: Complain) -> None:
    languages(f"{where}.label", node.label, complain)
    _known("check", f"{where}.check", node.check, ("no", "order", *flow.checks), complain)
    if node.names:
        languages(f"{where}.names", node.names, complain)
    if node.names_from:
        _value(flow, f"{where}.names_from", node.names_from, (), complain)


def condition(flow: core.Flow, where: str, when: Condition, complain: Complain) -> None:
    """Every fact of a condition is one that there is."""
    for name in facts_of(when):
        head, _, rest = name.partition(".")
        if head in ("slot", "result"):
            _value(flow, where, rest, (), complain)
        elif problem := _unknown_fact(flow, name):
            complain(where, problem)


def _unknown_fact(flow: core.Flow, name: str) -> str | None:
    if name in PLAIN:
        return None
    head, _, rest = name.partition(".")
    match head:
        case "open" | "open_then" | "holiday":
            return None if rest in flow.hours else no_such("table of hours", rest, flow.hours)
        case "queue":
            queue, _, what = rest.rpartition(".") if "." in rest else (rest, "", "")
            if queue not in flow.queues and queue.replace("_", "-") not in flow.queues:
                return no_such("queue", queue, flow.queues)
            return (
                None
                if what in QUEUE_FIELDS
                else f"{name}: a queue has {listed(QUEUE_FIELDS)}{meant(what, QUEUE_FIELDS)}"
            )
    named = "open.HOURS, open_then.HOURS, holiday.HOURS, queue.QUEUE.waiting, slot.SLOT, result.LOOKUP.FIELD"
    guess = meant(name, PLAIN)
    return f"there is no fact {name!r}{guess}{' There' if guess else '; there'} are {', '.join(sorted(PLAIN))}, {named}"


def _lookups(flow: core.Flow, complain: Complain) -> None:
    for name, lookup in flow.lookups.items():
        where = f"lookups.{name}"
        if (lookup.sql is None) == (lookup.path is None):
            both = lookup.sql is not None
            complain(
                f"{where}.sql" if both else where, f"needs sql or path{', not both: leave one out' if both else ''}"
            )
        for i, taken in enumerate(lookup.takes):
            _value(flow, f"{where}.takes.{i}", taken, OWN_ARGUMENTS | set(PLAIN), complain)
        bound = set(re.findall(r"(?<![:\w\\]):([A-Za-z_][A-Za-z0-9_]*)", lookup.sql or ""))
        in_path = set(re.findall(r"\{([^{}]*)\}", lookup.path or ""))
        # in SQL a name cannot have a dot in it, so there it is written with an underscore
        missed = (bound - {taken.replace(".", "_") for taken in lookup.takes}) | (in_path - set(lookup.takes))
        for missing in sorted(missed):
            guess = meant(missing, lookup.takes)
            complain(f"{where}.takes", f"{missing!r} is used and not taken{guess or ': write it in takes'}")
        if lookup.label:
            languages(f"{where}.label", lookup.label, complain)


def _intents(flow: core.Flow, complain: Complain) -> None:
    keys: dict[tuple[str, str], str] = {}
    menus = {node.group for node in flow.nodes.values() if isinstance(node, kinds.MenuNode)}
    for name, intent in flow.intents.items():
        where = f"intents.{name}"
        if intent.queue is None and intent.node is None:
            complain(where, "needs a queue, or a node that serves it")
        _known("queue", f"{where}.queue", intent.queue, flow.queues, complain)
        _known("node", f"{where}.node", intent.node, flow.nodes, complain)
        if intent.key and intent.menu not in menus:
            complain(f"{where}.menu", f'no node has menu = "{intent.menu}"{meant(intent.menu, menus)}')
        if intent.key and (intent.menu, intent.key) in keys:
            other = keys[intent.menu, intent.key]
            complain(f"{where}.key", f"{intent.key} is the key of {other!r}, too: give one of them another")
        keys[intent.menu, intent.key or ""] = name
        for i, likely in enumerate(intent.likely):
            condition(flow, f"{where}.likely.{i}.when", likely.when, complain)
            languages(f"{where}.likely.{i}.because", likely.because, complain)
        languages(f"{where}.title", intent.title, complain)
        if intent.about:
            languages(f"{where}.about", intent.about, complain)
        for language in LANGUAGES:
            phrases = intent.phrases.get(language, ())
            if 0 < len(phrases) < FEW_PHRASES:
                few = f"{len(phrases)} {'is' if len(phrases) == 1 else 'are'} too few: write {FEW_PHRASES} phrases or more"
                complain(f"{where}.phrases.{language}", few)
        languages(f"{where}.phrases", intent.phrases, complain)
