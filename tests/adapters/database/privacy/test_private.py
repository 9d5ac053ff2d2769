"""The database's file is for nobody else on the machine."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.adapters.database import Store
from ivr.adapters.database.store import StoreUnusable


@pytest.fixture(autouse=True)
def everybody_may_read() -> Iterator[None]:
    """As most machines have it."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    return {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in folder.iterdir()}


async def test_new_one_is_its_owner_s_alone_with_all_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    async with Store.opened(f"sqlite:///{folder / 'ivr.db'}"):
        made = modes(folder)
    assert set(made) >= {"ivr.db", "ivr.db-wal"} and set(made.values()) == {"0o600"}
    assert modes(tmp_path) == {"var": "0o700"}


@pytest.mark.parametrize(("before", "after"), [(0o644, "0o640"), (0o640, "0o640"), (0o666, "0o660"), (0o600, "0o600")])
async def test_old_one_is_no_longer_everybody_s(tmp_path: Path, before: int, after: str) -> None:
    file = tmp_path / "ivr.db"
    file.touch()
    file.chmod(before)
    async with Store.opened(f"sqlite:///{file}"):
        assert set(modes(tmp_path).values()) == {after}


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    with pytest.raises(StoreUnusable, match=r"database .*var/ivr\.db: .*var is no folder, and one is needed"):
        Store(f"sqlite:///{tmp_path / 'var/ivr.db'}")
