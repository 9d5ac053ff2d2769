"""The softphone's library is what it should be, or is not there at all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ivr.provision import softphone
from tests.conftest import CACHE

HELD = CACHE / "softphone"


@pytest.fixture
def fetched() -> Path:
    try:
        return softphone.provide(HELD)
    except softphone.SoftphoneUnavailableError as missing:
        pytest.fail(str(missing))


def npm(fetched: Path, spoil: str = "") -> softphone.Run:
    """An npm that puts there what was fetched before."""

    def run(command: list[str], where: Path) -> None:
        assert command[-4:] == ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        assert json.loads((where / "package-lock.json").read_text())["lockfileVersion"] == 3
        shutil.copytree(fetched, where / "node_modules/sip.js")
        if spoil:
            (where / "node_modules/sip.js" / spoil).write_text("alert(1)")

    return run


def test_what_was_fetched_is_kept_and_not_fetched_again(fetched: Path, tmp_path: Path) -> None:
    cache = tmp_path / "softphone"
    made = softphone.provide(cache, say=lambda line: None, run=npm(fetched))
    assert (made / "lib/index.js").is_file() and (made / "LICENSE.md").is_file()

    def never(command: list[str], where: Path) -> None:
        pytest.fail("fetched again")

    assert softphone.provide(cache, say=lambda line: None, run=never) == made


def test_without_npm_one_is_fetched_whatever_folder_the_commands_run_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(softphone.shutil, "which", lambda name: None)

    def run(command: list[str], where: Path) -> None:
        assert (where / command[command.index("--requirement") + 1]).read_text().startswith(softphone.NODE_WHEEL)
        assert (where / command[command.index("--dest") + 1]).samefile(where)

    with pytest.raises(softphone.SoftphoneUnavailableError, match="there is no npm, and none could be had"):
        softphone.provide(Path("cache/softphone"), say=lambda line: None, run=run)


@pytest.mark.parametrize("spoil", ["lib/index.js", "lib/more.js"])
def test_changed_or_added_file_is_refused_and_leaves_nothing(fetched: Path, tmp_path: Path, spoil: str) -> None:
    cache = tmp_path / "softphone"
    with pytest.raises(softphone.SoftphoneUnavailableError, match="not the published ones"):
        softphone.provide(cache, say=lambda line: None, run=npm(fetched, spoil))
    assert list(cache.iterdir()) == [] and not softphone.is_current(cache)


def test_half_of_it_is_fetched_anew(fetched: Path, tmp_path: Path) -> None:
    cache = tmp_path / "softphone"
    made = softphone.provide(cache, say=lambda line: None, run=npm(fetched))
    (made / "lib/index.js").unlink()
    assert not softphone.is_current(cache)
    softphone.provide(cache, say=lambda line: None, run=npm(fetched))
    assert softphone.is_current(cache)


def test_modules_import_only_each_other_and_run_no_text(fetched: Path) -> None:
    for path in fetched.rglob("*.js"):
        text = path.read_text()
        assert "eval(" not in text and "new Function" not in text, path  # what a strict policy would stop
    names = [
        line
        for path in fetched.rglob("*.js")
        for line in path.read_text().splitlines()
        if line.startswith(("import ", "export * from"))
    ]
    assert all('from "."' in name or 'from "./' in name or 'from "../' in name for name in names if " from " in name)


def test_lock_names_no_place() -> None:
    lock = (softphone.PINNED / "package-lock.json").read_text()
    assert "resolved" not in lock and "://" not in lock and "sha512-" in lock


def test_optional_says_what_still_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(softphone.shutil, "which", lambda name: str(tmp_path / "npm-that-is-not-there"))
    assert softphone.main(["--cache", str(tmp_path / "softphone"), "--optional"]) == 0
    assert "the desk works with desk phones" in capsys.readouterr().err
    assert softphone.main(["--cache", str(tmp_path / "softphone")]) == 1
