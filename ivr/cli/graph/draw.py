"""``ivr graph``: a dialogue as a picture. What is drawn is decided here, where it stands by Graphviz."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

from ivr.adapters.own_files import MADE_BY, refuse_others, write_own
from ivr.cli.graph.dot import Drawing
from ivr.cli.graph.labels import printable
from ivr.config.load import load
from ivr.core.flow.flow import Flow
from ivr.core.language import Language
from ivr.core.told import Told
from ivr.provision import debian
from ivr.provision.debian import Found
from ivr.provision.places import CACHE
from ivr.server.speech.publishing import read_flow

LONGEST_S = 60.0
_SVG = "http://www.w3.org/2000/svg"
_SHAPES = ("polygon", "path", "ellipse")
_POINT = re.compile(r"(-?[\d.]+),(-?[\d.]+)")
_FONTS = "Helvetica, Arial, 'Liberation Sans', 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``ivr graph`` may be told."""
    parser.add_argument("file", type=Path, nargs="?", default=None, metavar="FILE.svg", help="default: standard output")
    parser.add_argument("--folder", type=Path, default=None, help="default: as in config.toml")
    parser.add_argument("--language", choices=("en", "zh"), default="en", help="of the prompts and titles, default en")


def run(asked: argparse.Namespace) -> int:
    """Draw; the errors of ``graph``."""
    folder = asked.folder or asked.config.resolve().parent / load(asked.config).dialogue.folder
    return graph(folder, asked.language, asked.file)


class NotDrawn(Told):
    """Graphviz could not draw it; the message says why."""


def graph(folder: Path, language: Language, file: Path | None) -> int:
    """Draw the dialogues of a folder as SVG, into a file or to standard output.

    Raises FlowError for dialogues that are wrong, PartMissing without Graphviz, NotDrawn, NotOurs, OSError, Told where it
    would go to a terminal.
    """
    if file:
        refuse_others(file)  # before anything is fetched and drawn
    elif sys.stdout.isatty():
        raise Told("a picture is nothing for a terminal: name a file, as in `ivr graph dialogue.svg`")
    flow = read_flow(folder)
    picture = f"{svg(flow, language, debian.get(debian.GRAPHVIZ, CACHE))}<!-- {MADE_BY} graph -->\n"
    if file is None:
        sys.stdout.write(picture)
    else:
        write_own(file, picture.encode())
        print(f"{file}: {len(flow.nodes)} nodes, {len(flow.intents)} intents, version {flow.version}.")
    return 0


def svg(flow: Flow, language: Language, dot: Found) -> str:
    """The picture as a whole SVG document. Raises NotDrawn."""
    drawing = Drawing(flow, language)
    return _named(_laid_out(drawing.dot(), dot), drawing)


def _laid_out(text: str, dot: Found) -> bytes:
    environment = {**os.environ, **dot.environment(), **_plugins(dot)}
    try:
        done = subprocess.run(
            [*dot.command(), "-Tsvg"],
            input=text.encode(),
            capture_output=True,
            env=environment,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotDrawn(f"Graphviz took longer than {LONGEST_S:.0f} s to draw this dialogue") from error
    if done.returncode != 0 or not done.stdout:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise NotDrawn(f"Graphviz could not draw this dialogue: {said[-1] if said else 'it said nothing'}")
    return done.stdout


def _plugins(dot: Found) -> dict[str, str]:
    """Where Graphviz finds its parts, when it was unpacked and not installed: it then has no list of them yet."""
    if dot.root is None:
        return {}
    folder = next(dot.root.glob("usr/lib/*/graphviz"), dot.root / "usr/lib/graphviz")
    known = {"GVBINDIR": str(folder)}
    if not list(folder.glob("config*")):
        words = [*dot.command(), "-c"]
        done = subprocess.run(
            words, capture_output=True, env={**os.environ, **dot.environment(), **known}, check=False, timeout=LONGEST_S
        )
        if done.returncode != 0:
            raise NotDrawn(f"Graphviz cannot be set up: {done.stderr.decode(errors='replace').strip()}")
    return known


def _centre(group: ET.Element) -> None:
    """Put the lines of a node in its middle: dot has placed them by the widths of its own font."""
    shape = next((part for tag in _SHAPES for part in group.iter(f"{{{_SVG}}}{tag}")), None)
    if shape is None:
        return
    if shape.tag.endswith("ellipse"):
        middle = float(shape.get("cx", 0))
    else:
        places = [float(x) for x, _ in _POINT.findall(shape.get("points") or shape.get("d") or "")]
        middle = (min(places) + max(places)) / 2
    for text in group.iter(f"{{{_SVG}}}text"):
        text.set("text-anchor", "middle")
        text.set("x", f"{middle:.2f}")


def _named(drawn: bytes, drawing: Drawing) -> str:
    """Put the operators' own names into the picture; dot was given numbers, which no name can break out of."""
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ET.fromstring(drawn)  # noqa: S314  # dot's own output
    for group in root.iter(f"{{{_SVG}}}g"):
        title = group.find(f"{{{_SVG}}}title")
        if title is None or title.text is None:
            continue
        way = drawing.edges.get(group.get("id", ""))
        if way:
            title.text = printable(
                f"{way.source} → {way.target}" + (f": {', '.join(way.labels)}" if way.labels else "")
            )
            group.set("data-from", printable(way.source))
            group.set("data-to", printable(way.target))
            group.set("data-keys", printable(" ".join(way.keys)))
        elif title.text in drawing.names:
            title.text = printable(drawing.names[title.text])
            group.set("data-node", title.text)
            _centre(group)
        elif group.get("class") == "node":
            _centre(group)
            title.text = " ".join(text.text or "" for text in group.iter(f"{{{_SVG}}}text")) or "start"
        elif group.get("class") == "graph":
            title.text = "The dialogue"
    for text in root.iter(f"{{{_SVG}}}text"):
        text.set("font-family", _FONTS)
    root.set("role", "img")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"
