"""From a [nodes.NAME] table to a node: which kind it is, what that kind must and may have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from ivr.core.flow import nodes as core
from ivr.core.told import listed, meant
from ivr.wire.flow.tables import NodeTable

KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "say": (("next",), ()),
    "ask": (("prompt", "again", "confirm", "menu", "next"), ("suggest", "nothing")),
    "menu": (("prompt", "option", "next"), ("also",)),
    "collect": (
        ("label", "prompt", "again", "next"),
        (
            "kind",
            "digits",
            "names",
            "names_from",
            "names_kind",
            "known",
            "check",
            "confirm",
            "secret",
            "otherwise",
            "anew",
            "offer",
            "none",
            "own",
            "usual",
        ),
    ),
    "decide": (("again", "yes", "no"), ("otherwise", "consent")),
    "branch": (("next",), ()),
    "look_up": (("found", "failed"), ("empty", "filler")),
    "prove": (("prompts", "again", "next", "failed"), ()),
    "call": (("next",), ()),
    "back": ((), ()),
    "route": (("prompt", "person"), ("queue",)),
    "end": ((), ("call_back", "queue", "without", "elsewhere", "number")),
}
"""Each kind of node, the keys that it must have and those that it may have."""
_CONFIRM = ("doubtful", "always", "never")


def node(name: str, raw: NodeTable, complain: Callable[[str, str], None]) -> core.Node | None:
    """The node of a table; ``complain(key, what)`` is told of every mistake, and None comes back."""
    # an open question names its menu, so "menu" is a kind only where nothing else is
    kinds = [kind for kind in KINDS if kind != "menu" and getattr(raw, kind) is not None]
    if raw.menu is not None and not kinds:
        kinds = ["menu"]
    if len(kinds) != 1:
        what = (
            f"is {' and '.join(kinds)} at once: keep one of them"
            if kinds
            else f"is of no kind: write one of {', '.join(KINDS)}"
        )
        complain("", what)
        return None
    kind = kinds[0]
    must, may = KINDS[kind]
    missing = [key for key in must if getattr(raw, key) is None]
    extra = [key for key in sorted(raw.model_fields_set) if key not in (kind, *must, *may)]
    if missing:
        complain("", f"a node with {kind} needs {listed(missing)}, too")
    for key in extra:
        has = f"it may have {', '.join((*must, *may))}" if (*must, *may) else "it has none beside it"
        complain(key, f"a node with {kind} has no such key{meant(key, (*must, *may))}; {has}".replace("?; it", "? It"))
    empty = [key for key in must if getattr(raw, key) == {}]
    for key in empty:
        complain(key, "is empty: write what belongs there, or leave the whole node out")
    if missing or extra or empty:
        return None
    return _MAKERS[kind](name, raw, complain)


Complain = Callable[[str, str], None]


def _collect(name: str, raw: NodeTable, complain: Complain) -> core.Node | None:
    assert raw.collect and raw.label and raw.prompt and raw.again and raw.next
    before = _shortest_longest(raw, complain)
    confirm = raw.confirm or "doubtful"
    if confirm not in _CONFIRM:
        complain("confirm", f"{confirm!r} is none of {', '.join(_CONFIRM)}{meant(confirm, _CONFIRM)}")
        return None
    if raw.kind == "name" and (raw.names is None) == (raw.names_from is None):
        what = (
            "has names and names_from: keep one of them"
            if raw.names
            else "a name is chosen from some: write names or names_from"
        )
        complain("names" if raw.names else "", what)
        return None
    if raw.kind != "name" and (raw.names or raw.names_from):
        complain("names", f'{raw.kind} is not chosen from names; write kind = "name"')
        return None
    if raw.kind != "name" and raw.names_kind:
        complain(
            "names_kind",
            f'only names have a kind of their own, {raw.kind} has none: write kind = "name", or leave it out',
        )
        return None
    if raw.offer and raw.kind != "date":
        complain("offer", f'only dates are offered, {raw.kind} is not: write kind = "date", or leave it out')
        return None
    if raw.none and raw.kind != "name":
        complain(
            "none", f'only names have none that suits, {raw.kind} has no names: write kind = "name", or leave it out'
        )
        return None
    if raw.own and not (raw.names_from and raw.names_kind in ("date", "time")):
        complain(
            "own",
            'what the caller has is told apart by days or times that a look-up found: add names_from and names_kind = "date"',
        )
        return None
    if raw.usual and "date" not in (raw.kind, raw.names_kind) and "time" not in (raw.kind, raw.names_kind):
        complain("usual", 'only a day or a time is told from another: write kind = "date", or leave it out')
        return None
    if raw.kind != "digits" and (raw.check != "no" or raw.known != "no"):
        complain("known" if raw.check == "no" else "check", f"only digits have one, {raw.kind} has none: leave it out")
        return None
    if raw.names and len({len(names) for names in raw.names.values()}) > 1:
        complain("names", "every language needs as many names as the others, in the same order")
    if before is None:
        return None
    return core.CollectNode(
        name, raw.collect, raw.label, raw.prompt, raw.again, raw.next, raw.kind, *before, raw.names or {},
        raw.names_from, raw.names_kind, raw.known, raw.check, _confirm(confirm), raw.secret, raw.otherwise, raw.anew,
        raw.offer, raw.none, raw.own, raw.usual,
    )  # fmt: skip


def _confirm(text: str) -> Literal["doubtful", "always", "never"]:
    return text  # type: ignore[return-value]  # checked above


def _shortest_longest(raw: NodeTable, complain: Complain) -> tuple[int, int] | None:
    if raw.kind != "digits":
        if raw.digits is not None:
            complain("digits", f"only digits have a number of digits, {raw.kind} has none: leave it out")
            return None
        return 1, 20
    if raw.digits is None:
        complain("", "digits is missing: write how many, digits = 4, or the fewest and the most, digits = [4, 8]")
        return None
    low, high = raw.digits
    if not 1 <= low <= high <= 20:
        what = f"{low}" if low == high else f"{low} to {high}"
        complain("digits", f"{what} digits cannot be: write 1 to 20, the smaller number first")
        return None
    return low, high


def _prove(name: str, raw: NodeTable, complain: Complain) -> core.Node | None:
    assert raw.prove and raw.prompts and raw.again and raw.next and raw.failed
    for method in raw.prove:
        if method not in raw.prompts:
            complain("prompts", f'has no prompt for {method}: write {method} = "PROMPT" in it')
            return None
    return core.ProveNode(name, raw.prove, raw.prompts, raw.again, raw.next, raw.failed)


def _ask(name: str, raw: Any, complain: Complain) -> core.Node | None:
    for i, one in enumerate(raw.suggest):
        if (one.intent is None) == (one.called_again is None):
            what = "has both: keep one of them" if one.intent else "needs intent, or called_again = true"
            complain(f"suggest.{i}", what)
            return None
    suggest = tuple(core.Suggestion(s.intent, s.prompt, s.when, s.unnamed, s.next) for s in raw.suggest)
    return core.AskNode(name, raw.prompt, raw.again, raw.confirm, raw.menu, raw.next, suggest, raw.nothing)


_MAKERS: dict[str, Callable[[str, Any, Complain], core.Node | None]] = {
    "say": lambda n, r, c: core.SayNode(n, tuple(core.Choice(x.prompt, x.when, x.next) for x in r.say), r.next),
    "ask": _ask,
    "menu": lambda n, r, c: core.MenuNode(
        n, r.prompt, r.option, r.next, r.menu, tuple(core.Door(d.key, d.node, d.title) for d in r.also)
    ),
    "collect": _collect,
    "decide": lambda n, r, c: core.DecideNode(n, r.decide, r.again, r.yes, r.no, r.otherwise, r.consent),
    "branch": lambda n, r, c: core.BranchNode(n, tuple((w.when, w.next) for w in r.branch), r.next),
    "look_up": lambda n, r, c: core.LookUpNode(n, r.look_up, r.found, r.empty or r.failed, r.failed, r.filler),
    "prove": _prove,
    "call": lambda n, r, c: core.CallNode(n, r.call, r.next),
    "back": lambda n, r, c: core.ReturnNode(n),
    "route": lambda n, r, c: core.RouteNode(n, r.prompt, r.person, r.queue),
    "end": lambda n, r, c: core.EndNode(
        n, r.end, r.call_back, r.queue, r.without, r.elsewhere, r.number
    ),
}  # fmt: skip
