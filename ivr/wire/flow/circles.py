"""Ways through a dialogue, and between closed queues, that would go in a circle for ever."""

from __future__ import annotations

from ivr.core.flow import flow as core
from ivr.core.flow import nodes as kinds


def passed_round(flow: core.Flow, name: str) -> bool:
    """Whether a closed queue's calls could come back to it, each queue on the way being closed too."""
    seen, queue = {name}, flow.queues.get(name)
    while queue and queue.hours and queue.closed:
        if queue.closed in seen:
            return queue.closed == name
        seen.add(queue.closed)
        queue = flow.queues.get(queue.closed)
    return False


_PASSED_OVER = (
    kinds.SayNode, kinds.BranchNode, kinds.CallNode, kinds.CollectNode, kinds.DecideNode, kinds.ProveNode,
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
        if isinstance(node, kinds.CollectNode | kinds.DecideNode):
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
