"""The rooms of the house and their doors: who may import whom, read from the code itself."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LONGEST_FILE = 300
"""Lines, but for those of ``LONG``."""
LONG = 420
"""Lines of a file whose docstring says why it is one ("Long: …")."""

FOLDERS: dict[str, tuple[str, ...]] = {
    "core": (),
    "wire": ("core",),
    "config": ("core", "wire"),
    "provision": ("core",),
    "calls": ("core", "wire"),
    "adapters": ("core", "wire", "calls"),
    "web": ("core", "wire", "calls"),
    "corpus": ("core", "wire", "calls"),
    "server": ("core", "config", "wire", "provision", "calls", "adapters", "web", "corpus"),
    "measure": ("core", "config", "wire", "provision", "calls", "adapters", "server"),
    "lab": ("core", "config", "wire", "provision", "calls", "adapters", "server"),
    "replay": ("core", "config", "wire", "provision", "calls", "adapters", "corpus", "server", "measure", "lab"),
    "bench": ("core", "config", "wire", "provision", "calls", "adapters", "corpus", "server", "measure", "lab", "replay"),
    "cli": ("core", "config", "wire", "provision", "calls", "adapters", "corpus", "server", "measure", "lab", "replay"),
}  # fmt: skip
"""Each folder of ``ivr/`` and the folders that it may import, from the ground floor up."""
CALLS = (
    "clock", "caller", "paging", "ports", "records", "live", "live_calls", "people", "integrations", "caller_lookup", "agents",
    "deciding", "desk", "asterisk_clock", "conversation", "follower", "recorder", "unheard", "switchboard", "recovery",
    "call_backs", "floor",
)  # fmt: skip
"""The rooms of ``calls/`` and the files between them: each may import those named before it."""
OUTSIDE: dict[str, tuple[str, ...]] = {
    "core": (),
    "config": ("pydantic",),
    "wire": ("pydantic", "phonenumbers", "stdnum", "holidays", "babel", "text_to_num", "cn2an", "rapidfuzz"),
    "calls": ("structlog",),
    "provision": ("aiohttp", "numpy", "onnx", "onnxruntime"),
}
"""What a folder may use beside the standard library; the others are there to use other people's packages."""
NEIGHBOURS: dict[str, tuple[str, ...]] = {
    "customers": ("database",),
    "database": ("own_files",),
    "records": ("own_files",),
    "sound": ("own_files",),
    "speech_out": ("sound",),
}
"""Adapters do not know each other, but for these."""
READS_ITS_OWN_FILES = "ivr.core.texts"
"""The one module of the core that reads files: the catalogues that lie beside it, once, when it is imported."""


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
                # `from ivr.core import dialogue` imports a module, `from ivr.core.flow.flow import Flow` a name of one
                yield from (sub if (sub := f"{source}.{alias.name}") in MODULES else source for alias in node.names)
            case ast.FunctionDef() | ast.AsyncFunctionDef() if not everywhere:
                continue
            case ast.If(test=ast.Name(id="TYPE_CHECKING")) if not everywhere:
                nodes += node.orelse
                continue
        nodes += ast.iter_child_nodes(node)


def within(module: str, rooms: tuple[str, ...]) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


def folder_of(module: str) -> str:
    """The folder of ``ivr/`` that a module lies in; empty for the package's face and ``__main__``."""
    name = f"{module}.".split(".")[1]
    return name if name in FOLDERS else ""


def inside(module: str, folder: str) -> str:
    """The room or the file right below a folder that a module belongs to."""
    return module.removeprefix(f"ivr.{folder}.").split(".")[0]


def test_nothing_lies_loose() -> None:
    assert {path.name for path in (ROOT / "ivr").glob("*.py")} == {"__init__.py", "__main__.py"}
    folders = {path.name for path in (ROOT / "ivr").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(FOLDERS)


@pytest.mark.parametrize("module", [name for name in MODULES if folder_of(name)])
def test_module_keeps_to_its_folder(module: str) -> None:
    folder = folder_of(module)
    for other in imported(module, MODULES[module]):
        if within(other, ("ivr",)):
            lower = other == "ivr" and folder not in ("core", "wire", "calls", "adapters", "web")
            assert lower or folder_of(other) in (folder, *FOLDERS[folder]), f"{module} must not import {other}"
        elif folder in OUTSIDE:
            allowed = other.split(".")[0] in (*sys.stdlib_module_names, *OUTSIDE[folder])
            assert allowed, f"{module} must not import {other}"


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("ivr.calls.")])
def test_room_of_calls_knows_those_below_it_only(module: str) -> None:
    room = inside(module, "calls")
    lower = CALLS[: CALLS.index(room) + 1]
    for other in imported(module, MODULES[module]):
        if other.startswith("ivr.calls."):
            assert inside(other, "calls") in lower, f"{module} must not import {other}"


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("ivr.adapters.")])
def test_adapters_do_not_know_each_other(module: str) -> None:
    room = inside(module, "adapters")
    for other in imported(module, MODULES[module]):
        if other.startswith("ivr.adapters."):
            known = (room, *NEIGHBOURS.get(room, ()))
            assert inside(other, "adapters") in known, f"{module} must not import {other}"


def test_lists_name_what_is_there() -> None:
    assert not [name for name in CALLS if f"ivr.calls.{name}" not in MODULES]
    assert not [name for name in (*NEIGHBOURS, *sum(NEIGHBOURS.values(), ())) if f"ivr.adapters.{name}" not in MODULES]


def test_folders_are_named_from_the_ground_floor_up() -> None:
    """So no arrow between them runs back up, and there is no circle of folders."""
    order = list(FOLDERS)
    for folder, below in FOLDERS.items():
        assert all(order.index(other) < order.index(folder) for other in below), folder


@pytest.mark.parametrize("package", [name for name, path in MODULES.items() if path.name == "__init__.py"])
def test_rooms_of_a_folder_form_no_circle(package: str) -> None:
    """Each room of a folder taken as one, beside the folder's own files: their arrows run one way."""

    def child(module: str) -> str:
        return module.removeprefix(f"{package}.").split(".")[0]

    graph: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        if module.startswith(f"{package}."):
            others = {child(o) for o in imported(module, path) if o.startswith(f"{package}.")}
            graph.setdefault(child(module), set()).update(others - {child(module)})
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as circle:
        pytest.fail(f"{package}: a circle: {' → '.join(circle.args[1])}")


def test_only_the_app_sees_adapters_and_pages_together() -> None:
    def sees(module: str, folder: str) -> bool:
        return any(folder_of(other) == folder for other in imported(module, MODULES[module]))

    both = [m for m in MODULES if sees(m, "adapters") and sees(m, "web")]
    assert both == ["ivr.server.app"]


def test_core_is_pure() -> None:
    """No clock, no files, no sockets, no threads, no chance."""
    impure = {
        "asyncio", "os", "pathlib", "socket", "threading", "time", "random", "subprocess", "logging", "io", "importlib",
    }  # fmt: skip
    for module, path in MODULES.items():
        if within(module, ("ivr.core",)):
            may = {"importlib"} if module == READS_ITS_OWN_FILES else set()
            assert impure & {other.split(".")[0] for other in imported(module, path)} == may, module
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
    text = MODULES[module].read_text(encoding="utf-8")
    lines = len(text.splitlines())
    because = "Long: " in (ast.get_docstring(ast.parse(text)) or "")
    assert lines <= (LONG if because else LONGEST_FILE), f"{module} has {lines} lines"


# -- the reader of imports itself

SOURCE = """
import os.path, ivr.core.flow.flow
from ivr.core import dialogue, nothing
from ivr.web.server import build_app
from . import ami
from .. import phone_numbers
from ...core import key_counter
if TYPE_CHECKING:
    import typed
def late():
    from ivr.server import app
"""


def test_imports_are_read_in_every_form(tmp_path: Path) -> None:
    path = tmp_path / "numbers.py"
    path.write_text(SOURCE)
    outer = {
        "os.path", "ivr.core.flow.flow", "ivr.core.dialogue", "ivr.core", "ivr.web.server", "ivr.wire.asterisk.ami",
        "ivr.wire.phone_numbers", "ivr.core.key_counter",
    }  # fmt: skip
    assert set(imported("ivr.wire.asterisk.numbers", path)) == outer | {"typed", "ivr.server.app"}
    assert set(imported("ivr.wire.asterisk.numbers", path, everywhere=False)) == outer
