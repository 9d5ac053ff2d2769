"""A dialogue in Graphviz's language: which nodes and ways there are, their shapes, colours and words.

Graphviz gets numbers for names; what operators wrote goes only into labels, escaped.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ivr.cli.graph.labels import clean, lines, short, words_of
from ivr.core.flow import nodes as kinds
from ivr.core.flow.flow import Flow
from ivr.core.flow.intent import Intent
from ivr.core.flow.nodes import Node, ways
from ivr.core.language import Language
from ivr.wire.flow.paths import coming_back, follow, onward, person_node, roots

INK, FAINT, LINE, PAPER, PERSON = "#26323d", "#66727d", "#8794a0", "#ffffff", "#d39a80"
BLUE = "#4f86b3"
LABEL = 46
"""How much of a condition or a title stands at an arrow, in characters."""
REASONS = "why people call"


@dataclass(frozen=True, slots=True)
class Look:
    """How one kind of node is drawn."""

    kind: str
    shape: str
    fill: str
    edge: str
    style: str = "filled"
    margin: str = "0.16,0.11"


LOOKS: dict[type, Look] = {
    kinds.SayNode: Look("says", "box", "#f7f5ef", "#a39b86", "filled,rounded"),
    kinds.AskNode: Look("open question", "box", "#dcebf7", "#4f86b3", "filled,rounded,bold"),
    kinds.MenuNode: Look("keypad menu", "tab", "#e4e6f6", "#6f78b8"),
    kinds.CollectNode: Look("asks for", "note", "#e3f1ec", "#4f9a80"),
    kinds.DecideNode: Look("yes or no", "hexagon", "#fbf0d9", "#c29a45", margin="0,0"),
    kinds.BranchNode: Look("decides", "diamond", "#f1edf7", "#9682b5", margin="0,0"),
    kinds.LookUpNode: Look("looks up", "cylinder", "#ececec", "#8a8f94"),
    kinds.ProveNode: Look("proof", "octagon", "#f6e3ea", "#b4748f", margin="0.04,0"),
    kinds.CallNode: Look("does a piece", "component", "#eef3e2", "#89a052"),
    kinds.ReturnNode: Look("comes back", "invhouse", "#eef3e2", "#89a052"),
    kinds.RouteNode: Look("puts through", "cds", "#f9ded2", "#c26f4b", margin="0.3,0.18"),
    kinds.EndNode: Look("ends", "ellipse", "#dfe4e8", "#5f6c78", "filled,bold"),
}


@dataclass(frozen=True, slots=True)
class Way:
    """One arrow: every way between the same two nodes, put together."""

    source: str
    target: str
    keys: tuple[str, ...]
    """As in ``nodes.ways``; ``intents.NAME`` for what leads from a reason for calling to its node."""
    labels: tuple[str, ...]


@dataclass(slots=True)
class Drawing:
    """One flow in one language, on its way into a picture."""

    flow: Flow
    language: Language
    names: dict[str, str] = field(default_factory=dict)
    """Graphviz's name → node of the flow."""
    edges: dict[str, Way] = field(default_factory=dict)
    """The id of an arrow → what it is."""
    _lines: list[str] = field(default_factory=list)
    _ids: dict[str, str] = field(default_factory=dict)
    _back: frozenset[str] = frozenset()
    _order: dict[str, int] = field(default_factory=dict)
    """The nodes as a call comes to them: dot takes an arrow back to an earlier one for what it is."""
    _lost: set[str] = field(default_factory=set)
    """The nodes that no caller can get to."""
    _first_question: str | None = None

    def dot(self) -> str:
        """The whole text for ``dot``."""
        nodes = self.flow.nodes
        self._ids = {name: f"n{number}" for number, name in enumerate(nodes)}
        self.names = {id_: name for name, id_ in self._ids.items()}
        self.edges, self._lines = {}, []
        self._back = coming_back(self.flow)
        from_start = follow(roots(self.flow)[:1], self._onward)
        self._order = {name: number for number, name in enumerate(dict.fromkeys([*from_start, *nodes]))}
        self._lost = set(nodes) - set(follow(roots(self.flow), self._onward))
        self._first_question = next((n for n in self._order if isinstance(nodes[n], kinds.AskNode)), None)
        self._entries()
        for name in self._order:
            self._node(self._ids[name], nodes[name])
        self._reasons()
        for way in self._ways():
            self._way(way)
        return "\n".join([_HEAD, *self._lines, "}\n"])

    def _onward(self, name: str) -> list[str]:
        return onward(self.flow, self.flow.nodes[name], self._back)

    # -- nodes

    def _node(self, id_: str, node: Node) -> None:
        look = LOOKS[type(node)]
        said = self._said(node)
        lost = node.name in self._lost
        style = f"{look.style},dashed" if lost else look.style
        kind = f"{look.kind} · nobody gets here" if lost else look.kind
        rows = [f'<font point-size="9" color="{look.edge}">{kind}</font>', f"<b>{clean(node.name) or '&nbsp;'}</b>"]
        rows += [f'<font point-size="10" color="{FAINT}">{clean(line)}</font>' for line in said]
        if look.shape == "cylinder":
            rows.insert(0, '<font point-size="5">&nbsp;</font>')
        self._lines.append(
            f'{id_} [shape={look.shape}, style="{style}", fillcolor="{look.fill}", color="{look.edge}", '
            f'margin="{look.margin}", label=<{"<br/>".join(rows)}>];'
        )

    def _said(self, node: Node) -> list[str]:
        """The first words of what a node says, or what it asks for."""
        match node:
            case kinds.SayNode(say=choices):
                prompt = next((c.prompt for c in reversed(choices) if c.prompt), None)
            case kinds.LookUpNode(lookup=lookup):
                label = self.flow.lookups[lookup].label if lookup in self.flow.lookups else None
                return lines((label or {}).get(self.language, lookup))
            case kinds.ProveNode(methods=methods):
                return [", ".join(methods)]
            case kinds.RouteNode(queue=queue):
                return [f"to {queue}" if queue else "to the queue of the matter"]
            case _:
                prompt = next((prompt for _, prompt in kinds.prompts_of(node)), None)
        texts = self.flow.prompts[prompt].variants.get(self.language, ("",)) if prompt else ("",)
        return lines(texts[0])

    def _entries(self) -> None:
        self._lines.append(
            f'start [shape=circle, width=0.22, fixedsize=true, style=filled, fillcolor="{INK}", label=""];'
        )
        self._lines.append(f'start -> {self._ids[self.flow.start]} [penwidth=2, color="{INK}"];')
        if self.flow.restart and self.flow.restart != self.flow.start:
            self._lines.append(
                f'again [shape=plain, label=<<font point-size="10" color="{FAINT}"><i>“start over”</i></font>>];'
            )
            self._lines.append(f'again -> {self._ids[self.flow.restart]} [color="{FAINT}", style=dashed];')

    # -- why people call

    def _reasons(self) -> None:
        """Every reason for calling, with what serves it; the open questions and the keypads lead to them all."""
        intents = list(self.flow.intents.values())
        if not intents:
            return
        pills = [f"r{number} {self._pill(intent)}" for number, intent in enumerate(intents)]
        title = f'<font color="{BLUE}"><b>why people call</b></font>'
        self._lines.append(
            f'subgraph cluster_reasons {{ label=<{title}>; labeljust=l; style="rounded,filled"; fillcolor="#f3f8fc"; '
            f'color="{BLUE}"; margin=14; {{ rank=same; {" ".join(pills)} }} }}'
        )
        middle = f"r{len(intents) // 2}"
        for name in self._order:
            node = self.flow.nodes[name]
            if isinstance(node, kinds.AskNode):
                first = "" if name == self._first_question else ", constraint=false"
                self._lines.append(
                    f'{self._ids[name]} -> {middle} [lhead=cluster_reasons, color="{BLUE}", penwidth=1.8{first}];'
                )
            elif isinstance(node, kinds.MenuNode) and (keyed := self.flow.keyed_intents(node.group)):
                keys = clean(" ".join(i.key or "" for i in keyed))
                self._lines.append(
                    f'{self._ids[name]} -> {middle} [lhead=cluster_reasons, color="{LOOKS[kinds.MenuNode].edge}", '
                    f"label=< keys {keys} >];"
                )
        for number, intent in enumerate(intents):
            target = intent.node or self._goes_on
            if target in self.flow.nodes:
                way = Way(REASONS, target, (f"intents.{intent.name}",), (intent.title.get(self.language, intent.name),))
                look = f'color="{BLUE}", penwidth=1.6' if intent.node else f'color="{PERSON}"'
                self._arrow(way, f"r{number}", self._ids[target], look, silent=True)

    def _pill(self, intent: Intent) -> str:
        key = (
            (f"key {intent.key}" if intent.menu == "intents" else f"{intent.menu}, key {intent.key}")
            if intent.key
            else ""
        )
        small = clean(" · ".join(filter(None, (key, intent.queue)))) or "&nbsp;"
        return (
            f'[shape=box, style="filled,rounded", fillcolor="{PAPER}", color="{BLUE}", margin="0.1,0.05", '
            f"label=<{clean(intent.title.get(self.language, intent.name)) or '&nbsp;'}<br/>"
            f'<font point-size="9" color="{FAINT}">{small}</font>>];'
        )

    @property
    def _goes_on(self) -> str | None:
        """Where a reason leads that has no node of its own."""
        asked = (n for n in self.flow.nodes.values() if isinstance(n, kinds.AskNode | kinds.MenuNode))
        return next((n.next for n in asked), None)

    # -- ways

    def _ways(self) -> list[Way]:
        found: list[Way] = []
        for name in self._order:
            node = self.flow.nodes[name]
            grouped: dict[str, list[str]] = {}
            for key, target in ways(node):
                grouped.setdefault(target, []).append(key)
            for target, keys in grouped.items():
                labels = dict.fromkeys(label for key in keys if (label := self._label(node, key)))
                found.append(Way(name, target, tuple(keys), tuple(labels)))
        return found

    def _label(self, node: Node, key: str) -> str:
        part, _, rest = key.partition(".")
        number = int(rest.split(".")[0]) if rest else 0
        alone = len({target for _, target in ways(node)}) == 1
        match node:
            case kinds.SayNode(say=choices) if part == "say":
                return words_of(choices[number].when) or ("" if alone else "otherwise")
            case kinds.BranchNode(branches=branches) if part == "branch":
                return words_of(branches[number][0])
            case kinds.SayNode() | kinds.BranchNode():
                return "" if alone else "otherwise"
            case kinds.MenuNode(doors=doors) if part == "also":
                door = doors[number]
                return f"{door.key} {door.title.get(self.language, '')}".strip()
            case kinds.AskNode(suggest=suggestions) if part == "suggest":
                return words_of(suggestions[number].when)
            case kinds.AskNode():
                return {"menu": "by keys", "nothing": "nothing else"}.get(part, "")
            case kinds.ProveNode():
                return {"next": "proved"}.get(part, part)
            case kinds.CallNode():
                return {"call": "does", "next": "then"}[part]
            case _:
                return "" if part == "next" else part

    def _way(self, way: Way) -> None:
        source, target = self._ids[way.source], self._ids[way.target]
        if way.target == person_node(self.flow):
            # a way out that nearly every node has: a short stub each, for a line from everywhere would hide all others
            stub = f"{source}_person"
            self._lines.append(
                f'{stub} [shape=plain, label=<<font point-size="9" color="{PERSON}">→ {clean(way.target)}</font>>];'
            )
            look = f'color="{PERSON}", fontcolor="{PERSON}", style=dashed, arrowhead=none, weight=2'
            self._arrow(way, source, stub, look)
        else:
            self._arrow(way, source, target, "constraint=false" if self._leads_back(way) else "")

    def _leads_back(self, way: Way) -> bool:
        """Whether a way leads up again; it must not draw its end down to itself."""
        if isinstance(self.flow.nodes[way.source], kinds.AskNode) and way.source != self._first_question:
            return "menu" in way.keys
        earlier = self._order[way.target] <= self._order[way.source]
        return earlier and way.source in follow([way.target], self._down)

    def _down(self, name: str) -> list[str]:
        """The ways on, but for those by which a later question begins the whole call anew."""
        node = self.flow.nodes[name]
        if isinstance(node, kinds.AskNode) and name != self._first_question:
            return [target for key, target in ways(node) if key != "menu"]
        return self._onward(name)

    def _arrow(self, way: Way, source: str, target: str, look: str, *, silent: bool = False) -> None:
        id_ = f"w{len(self.edges)}"
        self.edges[id_] = way
        label = f"label=<{'<br/>'.join(f'&#160;{clean(short(part, LABEL))}&#160;' for part in way.labels)}>"
        parts = (f"id={id_}", "" if silent or not way.labels else label, look)
        self._lines.append(f"{source} -> {target} [{', '.join(filter(None, parts))}];")


_HEAD = f"""digraph dialogue {{
graph [rankdir=TB, compound=true, bgcolor="{PAPER}", pad=0.4, nodesep=0.22, ranksep=0.45, fontname="Helvetica", splines=spline];
node [fontname="Helvetica", fontsize=12, fontcolor="{INK}", margin="0.14,0.07", penwidth=1.2];
edge [fontname="Helvetica", fontsize=10, fontcolor="{FAINT}", color="{LINE}", arrowsize=0.7, penwidth=1.1];"""
