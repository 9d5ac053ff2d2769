"""The pages for people: every link in them leads to a file that is there, and to a heading that is in it."""

from __future__ import annotations

import importlib
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
NAMED = re.compile(r"(?<![\w/.-])ivr(?:\.[A-Za-z_]\w*)+")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The names of a page's headings in links, as GitHub makes them."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for file, heading in LINK.findall(text):
        there = (page.parent / file).resolve() if file else page
        assert there.exists(), f"{file} is not there"
        assert not heading or heading in anchors(there), f"{file} has no heading #{heading}"


def test_what_a_newcomer_needs_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    wanted = (
        "Clone this repository", "nginx and Caddy", "PJSIP/1001", "NAT", "[general](+)", "without internet", "systemd unit",
        "Only that user may read",
    )  # fmt: skip
    assert [one for one in wanted if one not in text] == []


def there_is(name: str) -> bool:
    """Whether a module, or something in one, has this name: "ivr.core.caller.Caller"."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            found = getattr(found, part, None)
        return found is not None
    return False


def test_what_comments_and_pages_name_is_there() -> None:
    files = subprocess.run(
        ["git", "ls-files", "ivr", "docs", "*.toml"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    named = {
        (name, file)
        for file in files.stdout.split()
        if file.endswith((".py", ".md", ".toml")) and (ROOT / file).exists()
        for name in NAMED.findall((ROOT / file).read_text(encoding="utf-8"))
        if not name.endswith((".db", ".toml", ".log"))  # a file's name
    }
    assert len(named) > 1000, "the pattern finds them"
    known = {name: there_is(name) for name, _ in named}
    assert [one for one in sorted(named) if not known[one[0]]] == []
