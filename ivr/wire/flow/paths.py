"""Where a call can get to: the ways of a checked dialogue, with pieces that are called and come back."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ivr.core.flow.flow import Flow
from ivr.core.flow.nodes import AskNode, CallNode, EndNode, MenuNode, Node, ReturnNode, RouteNode, ways

Steps = Callable[[str], Iterable[str]]


def person_node(flow: Flow) -> str | None:
    """The route node for those who want a person."""
    return flow.person or next((n.name for n in flow.nodes.values() if isinstance(n, RouteNode)), None)


def roots(flow: Flow) -> list[str]:
    """Where a call may come in from nowhere: the start, "start over", a person, and every intent (said at any question)."""
    served = (intent.node for intent in flow.intents.values())
    return [name for name in (flow.start, flow.restart, person_node(flow), *served) if name]


def follow(begin: Iterable[str], steps: Steps) -> dict[str, str | None]:
    """Every node that can be reached, with the one before it on a shortest way; None for those of ``begin``."""
    before: dict[str, str | None] = dict.fromkeys(begin)
    waiting = list(before)
    for name in waiting:
        for target in steps(name):
            if target not in before:
                before[target] = name
                waiting.append(target)
    return before


def trail(before: dict[str, str | None], name: str) -> list[str]:
    """The way that ``follow`` found, from its beginning to ``name``."""
    found: list[str] = [name]
    while (earlier := before[found[0]]) is not None:
        found.insert(0, earlier)
    return found


def coming_back(flow: Flow, through: Callable[[Node], bool] = lambda node: True) -> frozenset[str]:
    """The nodes from which a piece can come to its end (a ``back`` node) without a node that is not ``through``."""
    back = {node.name for node in flow.nodes.values() if isinstance(node, ReturnNode)}
    while True:
        more = {
            node.name
            for node in flow.nodes.values()
            if node.name not in back and through(node) and back.intersection(beside(flow, node, back))
        }
        if not more:
            return frozenset(back)
        back |= more


def beside(flow: Flow, node: Node, back: Iterable[str]) -> list[str]:
    """The ways on that do not enter a piece: a call leads on where its piece can come ``back``."""
    if isinstance(node, CallNode):
        return [node.next] if node.call in back else []
    return [*(target for _, target in ways(node)), *_intents(flow, node)]


def onward(flow: Flow, node: Node, back: Iterable[str]) -> list[str]:
    """Every way on, into pieces too."""
    return [node.call, *beside(flow, node, back)] if isinstance(node, CallNode) else beside(flow, node, back)


def _intents(flow: Flow, node: Node) -> list[str]:
    if isinstance(node, AskNode):
        return [intent.node for intent in flow.intents.values() if intent.node]
    if isinstance(node, MenuNode):
        return [intent.node for intent in flow.keyed_intents(node.group) if intent.node]
    return []


def uncalled(flow: Flow) -> frozenset[str]:
    """What can be reached while no piece is being done."""
    back = coming_back(flow)
    return frozenset(follow(roots(flow), lambda name: beside(flow, flow.nodes[name], back)))


def leading_out(flow: Flow) -> frozenset[str]:
    """The nodes from which a route or an end can be reached, without asking for a person."""
    back = coming_back(flow)
    onto = {name: set(onward(flow, node, back)) for name, node in flow.nodes.items()}
    for node in flow.nodes.values():
        if isinstance(node, CallNode):
            for name in follow([node.call], lambda n: beside(flow, flow.nodes[n], back)):
                if isinstance(flow.nodes[name], ReturnNode):
                    onto[name].add(node.next)
    out = {node.name for node in flow.nodes.values() if isinstance(node, RouteNode | EndNode)}
    # where nobody has called, "back" leads to a person
    out |= {name for name in uncalled(flow) if isinstance(flow.nodes[name], ReturnNode)}
    while more := {name for name, targets in onto.items() if name not in out and targets & out}:
        out |= more
    return frozenset(out)


def by_keys(flow: Flow) -> frozenset[str]:
    """What a caller can reach who never says a word."""
    back = coming_back(flow)

    def steps(name: str) -> list[str]:
        node = flow.nodes[name]
        if isinstance(node, AskNode):  # what is behind "next" and "nothing" takes a word
            return [node.menu]
        return onward(flow, node, back)

    begin = [name for name in (flow.start, flow.restart) if name]
    return frozenset(follow(begin, steps))
