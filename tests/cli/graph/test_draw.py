"""``ivr graph``: everything of a dialogue is in its picture, whatever it is called, and no more than its words."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.cli.graph.dot import REASONS, Drawing
from ivr.cli.graph.draw import NotDrawn, svg
from ivr.cli.graph.labels import LINE, clean, lines, printable, short, words_of
from ivr.core.flow.condition import ALWAYS, All, Any, Compare, Is, Not
from ivr.core.flow.flow import Flow, Prompt
from ivr.core.flow.nodes import Choice, EndNode, RouteNode, SayNode, ways
from ivr.core.language import Language
from ivr.provision import debian
from ivr.provision.debian import Found, PartMissing
from ivr.server.speech.publishing import read_flow
from tests.command_line import ivr, ivr_in_a_process
from tests.conftest import CACHE, ROOT
from tests.core.bigger_house import BIGGER
from tests.core.little_house import FLOW as LITTLE

SVG = "{http://www.w3.org/2000/svg}"
SHOP = read_flow(ROOT / "dialplans")
Draw = Callable[[Flow, Language], ET.Element]


@pytest.fixture(scope="session")
def dot() -> Found:
    """Graphviz from the machine's own mirror, as for somebody who may install nothing."""
    before = os.environ.get("IVR_UNPACKED_ONLY")
    os.environ["IVR_UNPACKED_ONLY"] = "1"
    try:
        return debian.get(debian.GRAPHVIZ, CACHE)
    except PartMissing as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    finally:
        if before is None:
            del os.environ["IVR_UNPACKED_ONLY"]


@pytest.fixture
def draw(dot: Found) -> Draw:
    return lambda flow, language: ET.fromstring(svg(flow, language, dot))


def words(picture: ET.Element) -> str:
    return "\n".join(text.text or "" for text in picture.iter(f"{SVG}text"))


def arrows(picture: ET.Element) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for group in picture.iter(f"{SVG}g"):
        if "data-from" in group.attrib:
            found.setdefault((group.attrib["data-from"], group.attrib["data-to"]), set()).update(
                group.attrib["data-keys"].split()
            )
    return found


# -- everything is in it


@pytest.mark.parametrize("flow", [SHOP, LITTLE, BIGGER], ids=["shop", "little", "bigger"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_node_every_way_and_every_reason(flow: Flow, language: Language, draw: Draw) -> None:
    picture = draw(flow, language)
    drawn = [group.attrib["data-node"] for group in picture.iter(f"{SVG}g") if "data-node" in group.attrib]
    assert sorted(drawn) == sorted(flow.nodes)
    wanted: dict[tuple[str, str], set[str]] = {}
    for name, node in flow.nodes.items():
        for key, target in ways(node):
            wanted.setdefault((name, target), set()).add(key)
    assert {pair: keys for pair, keys in arrows(picture).items() if pair[0] != REASONS} == wanted
    served = {(REASONS, intent.node) for intent in flow.intents.values() if intent.node}
    assert served <= set(arrows(picture))
    said = words(picture)
    assert all(intent.title[language] in said for intent in flow.intents.values())
    assert all(name in said for name in flow.nodes)


def test_what_leads_where_is_written_at_the_arrow(draw: Draw) -> None:
    said = words(draw(SHOP, "en"))
    for label in ("known", "repeat_call", "otherwise", "found", "empty", "failed", "yes", "no", "proved", "nothing else",
                  "by keys", "8 something else", "region != ''", "why people call", "key 1 · orders", "keys 1 2 3"):  # fmt: skip
        assert label in said, label


def test_first_words_of_a_prompt_in_the_language_asked_for(draw: Draw) -> None:
    assert "How can I help?" in words(draw(SHOP, "en"))
    assert "有什么可以帮您？" in words(draw(SHOP, "zh"))


def test_start_and_where_nobody_gets_are_marked(draw: Draw) -> None:
    lost = replace(LITTLE, nodes={**LITTLE.nodes, "island": EndNode("island", "open_from")}, restart="reason")
    said = words(draw(lost, "en"))
    assert "ends · nobody gets here" in said and said.count("nobody gets here") == 1 and "start over" in said
    assert Drawing(LITTLE, "en").dot().count("start -> ") == 1


def test_kinds_differ_in_shape_and_colour() -> None:
    from ivr.cli.graph.dot import LOOKS

    assert len(LOOKS) == 12
    assert len({(look.shape, look.fill, look.style) for look in LOOKS.values()}) == 12


@pytest.mark.parametrize("language", ["en", "zh"])
def test_sample_shop_fits_a_wall(language: Language, draw: Draw) -> None:
    _, _, width, height = (float(number) for number in draw(SHOP, language).attrib["viewBox"].split())
    assert 1 / 3 <= width / height <= 3


def test_words_stand_in_the_middle_and_the_call_goes_down(draw: Draw) -> None:
    picture, down = draw(SHOP, "en"), {}
    for group in picture.iter(f"{SVG}g"):
        if "data-node" in group.attrib:
            placed = list(group.iter(f"{SVG}text"))
            assert len({text.attrib["x"] for text in placed}) == 1
            assert {text.attrib["text-anchor"] for text in placed} == {"middle"}
            down[group.attrib["data-node"]] = float(placed[0].attrib["y"])
    way = [
        "greet",
        "reason",
        "visit_day",
        "visit_free",
        "visit_time",
        "visit_sure",
        "visit_book",
        "visit_done",
        "anything_else",
    ]
    assert [down[name] for name in way] == sorted(down[name] for name in way), (
        "what leads back does not turn the picture over"
    )


# -- whatever it is called

HOSTILE = (
    "<script>alert(1)</script>", '"quoted" and \\"escaped\\', "line one\nline two\r\n\ttabbed", "中文节点", "a -> b; c [x=y]",
    "&amp; &lt;b&gt; &#x0;", "\\N \\G \\l", "]]></svg>", "\x00\x07\ufffe", " ", "x" * 500, "{salutation", "<>", "{{}}",
    "n0", "start",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_words(name: str, draw: Draw) -> None:
    nodes = {
        "first": SayNode("first", (Choice("p", Compare("tier", "==", name), name), Choice(None, ALWAYS, "last")), name),
        name: SayNode(name, (Choice("p"),), "last"),
        "last": RouteNode("last", "p", "p", name),
    }
    late = LITTLE.intents["late"]
    intents = {"late": replace(late, title={"en": name, "zh": name}, key=name, queue=name, node=name, name=name)}
    flow = replace(LITTLE, start="first", nodes=nodes, intents=intents, restart=None, person=None,
                   prompts={**LITTLE.prompts, "p": Prompt("p", {"en": (name,), "zh": (name,)})})  # fmt: skip
    picture = draw(flow, "en")
    drawn = [group.attrib["data-node"] for group in picture.iter(f"{SVG}g") if "data-node" in group.attrib]
    assert len(drawn) == 3 and len(arrows(picture)) == 4
    tags = {element.tag.removeprefix(SVG) for element in picture.iter()}
    assert tags <= {"svg", "g", "title", "polygon", "path", "text", "ellipse", "polyline"}, tags
    shown = words(picture).replace("\xa0", " ")
    assert " ".join(short(printable(name), 20).removesuffix(" …").split()) in shown


def test_words_are_cleaned() -> None:
    assert clean('<b>"x"&') == "&lt;b&gt;&quot;x&quot;&amp;"
    assert clean(" a\n b\t\x00c ") == "a b �c"


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("", []),
        ("Yes.", ["Yes."]),
        ("Tell me in a few words what your call is about.", ["Tell me in a few words", "what your call is about."]),
        (
            "One two three four five six seven eight nine ten eleven twelve",
            ["One two three four five", "six seven eight nine ten …"],
        ),
        ("{order_status.due_at:date} then {salutation}", ["{due_at} then {salutation}"]),
        (
            "您的{order_status.product}已经发货，预计{order_status.due_at:date}送到。",
            ["您的{product}已经发货，预", "计{due_at}送到。"],
        ),
        ("请简单说一下您来电的原因。", ["请简单说一下您来电的原因。"]),
    ],
)
def test_first_words(text: str, made: list[str]) -> None:
    assert lines(text) == made


def test_one_endless_word_is_cut() -> None:
    assert all(len(line) <= LINE + 4 for line in lines("x" * 500)) and len(lines("x" * 500)) <= 2


def test_conditions_are_written_as_operators_write_them() -> None:
    both = All((Is("known"), Any((Not(Is("open.shop")), Compare("queue.orders.waiting", ">=", 5)))))
    assert words_of(both) == "known and (not open.shop or queue.orders.waiting >= 5)"
    assert words_of(Not(both)) == f"not ({words_of(both)})" and words_of(ALWAYS) == ""
    assert words_of(Compare("language", "==", "zh")) == "language == 'zh'"


# -- the command


def test_into_a_file_or_to_standard_output(dot: Found, tmp_path: Path) -> None:
    file = tmp_path / "shop.svg"
    written = ivr_in_a_process("graph", file, IVR_UNPACKED_ONLY="1")
    assert written.returncode == 0 and written.stdout.startswith(f"{file}: {len(SHOP.nodes)} nodes"), written.stderr
    shown = ivr("graph", "--folder", ROOT / "dialplans", IVR_UNPACKED_ONLY="1")
    assert shown.stdout == file.read_text(encoding="utf-8")
    chinese = ivr("graph", "--language", "zh", IVR_UNPACKED_ONLY="1")
    assert "配送延误" in chinese.stdout


def test_dialogue_that_is_wrong_is_told_as_ever(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[nodes.x]\nshout = 1\n")
    done = ivr("graph", "--folder", tmp_path)
    assert done.returncode == 1 and done.stdout == "" and "nodes.x.shout: there is no such key" in done.stderr


def test_without_graphviz_and_without_apt(tmp_path: Path) -> None:
    done = ivr_in_a_process("graph", PATH=str(tmp_path), IVR_UNPACKED_ONLY="1", IVR_CACHE=str(tmp_path))
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("ivr: Graphviz is not installed") and "set IVR_GRAPHVIZ to the program" in done.stderr


def test_graphviz_that_fails_is_quoted(tmp_path: Path) -> None:
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\ncat > /dev/null\necho one >&2\necho it does not work >&2\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(NotDrawn, match="could not draw this dialogue: it does not work"):
        svg(LITTLE, "en", Found(program, None))
    done = ivr("graph", IVR_GRAPHVIZ=str(program))
    assert done.returncode == 1 and done.stderr == "ivr: Graphviz could not draw this dialogue: it does not work\n"
