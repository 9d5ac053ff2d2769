"""The rooms of the house and their doors: who may import whom, read from the code itself."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LONGEST_FILE = 420
"""Lines. The good ones are under 300; whatever passes this is two things in one file."""

INSIDE: dict[str, tuple[str, ...]] = {
    "ivr.core": ("ivr.core",),
    "ivr.wire": ("ivr.core", "ivr.wire"),
    "ivr.calls": ("ivr.core", "ivr.wire", "ivr.calls"),
    "ivr.adapters": ("ivr.core", "ivr.wire", "ivr.calls"),
    "ivr.web": ("ivr.core", "ivr.wire", "ivr.calls", "ivr.web"),
    "ivr.provision": ("ivr.core", "ivr.provision"),
}
"""Each room and the rooms that it may use. The modules beside the rooms, the lab and the instruments may use all."""
OUTSIDE: dict[str, tuple[str, ...]] = {
    "ivr.core": (),
    "ivr.wire": (
        "pydantic",
        "phonenumbers",
        "stdnum",
        "holidays",
        "babel",
        "text_to_num",
        "cn2an",
        "rapidfuzz",
    ),
    "ivr.calls": ("structlog",),
    "ivr.provision": ("aiohttp", "numpy", "onnx", "onnxruntime"),
}
"""What a room may use beside the standard library; adapters and pages are there to use other people's packages."""
NEIGHBOURS: dict[str, tuple[str, ...]] = {
    "ivr.adapters.media": ("ivr.adapters.playout",),
    "ivr.adapters.speech_in": ("ivr.adapters.decoding", "ivr.adapters.lanes", "ivr.adapters.recognisers"),
    "ivr.adapters.recognisers": ("ivr.adapters.decoding",),
    "ivr.adapters.speech_remote": ("ivr.adapters.decoding", "ivr.adapters.speech_server"),
    "ivr.adapters.speech_server": ("ivr.adapters.decoding",),
    "ivr.adapters.speech_out": ("ivr.adapters.sound",),
    "ivr.adapters.sound_files": ("ivr.adapters.sound",),
    "ivr.adapters.recordings": ("ivr.adapters.tape",),
    "ivr.adapters.lookups": ("ivr.adapters.database",),
    "ivr.adapters.crm": ("ivr.adapters.lookups",),
    "ivr.adapters.customer_file": ("ivr.adapters.database",),
    "ivr.adapters.database": ("ivr.adapters.database",),
    "ivr.adapters.understanding": ("ivr.adapters.understanding",),
}
"""The few adapters that are made of several modules."""
ALONE = ("ivr.config", "ivr.config_tables")
"""Modules beside the rooms that must not see any of them."""
EXCEPTIONS = {("ivr.provision.__main__", "ivr.config")}
"""A command of its own, which must know where the cache is."""


def modules() -> dict[str, Path]:
    """Every module by its name."""
    found = {}
    for path in sorted((ROOT / "ivr").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imported(name: str, path: Path, everywhere: bool = True) -> Iterator[str]:
    """What a module imports, also inside functions; ``everywhere`` False: only what is imported on loading it."""
    nodes: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while nodes:
        node = nodes.pop()
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(module=module, level=level):
                package = name if path.name == "__init__.py" else name.rpartition(".")[0]
                base = package.split(".")[: len(package.split(".")) - level + 1] if level else []
                source = ".".join([*base, *([module] if module else [])])
                # `from ivr.core import dialogue` imports a module, `from ivr.core.flow import Flow` a name of one
                yield from (sub if (sub := f"{source}.{alias.name}") in MODULES else source for alias in node.names)
            case ast.FunctionDef() | ast.AsyncFunctionDef() if not everywhere:
                continue
            case ast.If(test=ast.Name(id="TYPE_CHECKING")) if not everywhere:
                nodes += node.orelse
                continue
        nodes += ast.iter_child_nodes(node)


def within(module: str, rooms: tuple[str, ...]) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


def room_of(module: str) -> str | None:
    return next((room for room in INSIDE if within(module, (room,))), None)


def in_room(module: str) -> bool:
    return room_of(module) is not None


@pytest.mark.parametrize("module", [name for name in MODULES if in_room(name)])
def test_module_keeps_to_its_room(module: str) -> None:
    room = room_of(module)
    assert room
    neighbours = next((known for name, known in NEIGHBOURS.items() if within(module, (name,))), ())
    for other in imported(module, MODULES[module]):
        if (module, other) in EXCEPTIONS:
            continue
        if within(other, ("ivr",)):
            assert other != "ivr" and within(other, (*INSIDE[room], *neighbours)), f"{module} must not import {other}"
        elif room in OUTSIDE:
            allowed = other.split(".")[0] in (*sys.stdlib_module_names, *OUTSIDE[room])
            assert allowed, f"{module} must not import {other}"


@pytest.mark.parametrize("module", ALONE)
def test_module_stands_alone(module: str) -> None:
    assert not [
        other for other in imported(module, MODULES[module]) if within(other, ("ivr",)) and not within(other, ALONE)
    ]


def test_lists_name_what_is_there() -> None:
    named = (*INSIDE, *NEIGHBOURS, *(n for known in NEIGHBOURS.values() for n in known), *ALONE, *sum(EXCEPTIONS, ()))
    assert not [name for name in named if name not in MODULES]
    for module, other in EXCEPTIONS:
        assert other in imported(module, MODULES[module]), "an exception that nobody needs"


def test_only_the_app_sees_adapters_and_pages_together() -> None:
    def sees(module: str, room: str) -> bool:
        return any(within(other, (room,)) for other in imported(module, MODULES[module]))

    both = [m for m in MODULES if sees(m, "ivr.adapters") and sees(m, "ivr.web")]
    assert both == ["ivr.app"]


def test_core_is_pure() -> None:
    """No clock, no files, no sockets, no threads, no chance."""
    impure = {"asyncio", "os", "pathlib", "socket", "threading", "time", "random", "subprocess", "logging", "io"}
    for module, path in MODULES.items():
        if within(module, ("ivr.core",)):
            assert not impure & {other.split(".")[0] for other in imported(module, path)}, module
            calls = {
                ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
            }
            assert not calls & {"datetime.now", "datetime.utcnow", "date.today", "open", "print", "input"}, module


def test_wire_does_no_io() -> None:
    impure = {"asyncio", "os", "pathlib", "socket", "threading", "time", "subprocess"}
    for module, path in MODULES.items():
        if within(module, ("ivr.wire",)):
            assert not impure & {other.split(".")[0] for other in imported(module, path)}, module


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {
        name: {o for o in imported(name, path, everywhere=False) if o in MODULES} for name, path in MODULES.items()
    }
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, f"a circle: {' → '.join((*way[way.index(module) :], module))}"
        if module not in done:
            for other in sorted(graph[module]):
                # a package's __init__ that gathers its own modules is no circle as long as they do not ask it back
                visit(other, (*way, module))
            done.add(module)

    for module in graph:
        visit(module, ())


@pytest.mark.parametrize("module", MODULES)
def test_file_is_not_too_long(module: str) -> None:
    lines = len(MODULES[module].read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE, f"{module} has {lines} lines"


# -- the reader of imports itself

SOURCE = """
import os.path, ivr.core.flow
from ivr.core import dialogue, nothing
from ivr.web.server import build_app
from . import ami
from .. import config
from ..core import keys
if TYPE_CHECKING:
    import typed
def late():
    from ivr import app
"""


def test_imports_are_read_in_every_form(tmp_path: Path) -> None:
    path = tmp_path / "numbers.py"
    path.write_text(SOURCE)
    outer = {"os.path", "ivr.core.flow", "ivr.core.dialogue", "ivr.core", "ivr.web.server", "ivr.wire.ami", "ivr.config",
             "ivr.core.keys"}  # fmt: skip
    assert set(imported("ivr.wire.numbers", path)) == outer | {"typed", "ivr.app"}
    assert set(imported("ivr.wire.numbers", path, everywhere=False)) == outer
