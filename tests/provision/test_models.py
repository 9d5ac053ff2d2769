"""Speech models: fetched from a site of our own, with everything that can go wrong on the way."""

from __future__ import annotations

import asyncio
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from ivr.lab.ports import free_port
from ivr.provision import models
from ivr.provision.models import BUNDLED_NOTE, OFFICIAL, UNREACHABLE_S, ModelUnavailable, choose, fetch, folder
from tests.conftest import ROOT


def packed(name: str, files: dict[str, bytes] | None = None) -> bytes:
    """A model as the site packs it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as pack:
        for path, content in (
            files or {f"{name}/am/final.mdl": bytes(range(256)) * 2000, f"{name}/README": b"hello"}
        ).items():
            pack.writestr(path, content)
    return buffer.getvalue()


@dataclass
class Site:
    """The Vosk project's site, as far as it is needed; ``breaks`` cuts transfers off after so many bytes."""

    archives: dict[str, bytes] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)
    """What the list says instead of the truth."""
    breaks: list[int] = field(default_factory=list)
    ranges: bool = True
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    listing: str | None = None
    address: str = ""

    async def list(self, request: web.Request) -> web.Response:
        self.asked.append(("list", None))
        if self.listing is not None:
            return web.Response(text=self.listing)
        rows = [
            {"name": name, "url": f"{self.address}/{name}.zip", "size": len(raw), "md5": hashlib.md5(raw).hexdigest()}
            | self.lies
            for name, raw in self.archives.items()
        ]  # fmt: skip
        return web.json_response([*rows, {"name": "old", "url": "x", "size": 1}], content_type="text/plain")

    async def archive(self, request: web.Request) -> web.StreamResponse:
        wanted = request.headers.get("Range")
        self.asked.append((request.match_info["name"], wanted))
        raw = self.archives[request.match_info["name"]]
        begin = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.ranges else 0
        answer = web.StreamResponse(status=206 if begin else 200, headers={"Content-Length": str(len(raw) - begin)})
        await answer.prepare(request)
        if self.breaks:
            await answer.write(raw[begin : begin + self.breaks.pop(0)])
            assert request.transport
            await asyncio.sleep(0.05)
            request.transport.abort()
            return answer
        await answer.write(raw[begin:])
        return answer


@pytest.fixture
async def site(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    made = Site({name: packed(name) for name in OFFICIAL.values()})
    app = web.Application()
    app.add_routes([web.get("/model-list.json", made.list), web.get("/{name}.zip", made.archive)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


async def get(site: Site, cache: Path, *languages: str) -> list[str]:
    said: list[str] = []
    await fetch(cache, languages or ("en",), site.address, said.append)  # type: ignore[arg-type]
    return said


async def fails(site: Site, cache: Path) -> str:
    with pytest.raises(ModelUnavailable) as failed:
        await get(site, cache)
    assert not folder(cache, "en").exists()
    return str(failed.value)


def left(cache: Path) -> list[str]:
    """Everything that lies about beside the models."""
    return sorted(path.name for path in (cache / "models").iterdir() if path.name not in OFFICIAL.values())


# -- fetching


async def test_models_are_fetched_checked_and_unpacked(site: Site, tmp_path: Path) -> None:
    said = await get(site, tmp_path, "en", "zh")
    assert [line.split()[2] for line in said] == list(OFFICIAL.values())
    for language in OFFICIAL:
        assert (folder(tmp_path, language) / "am/final.mdl").read_bytes() == bytes(range(256)) * 2000
    assert left(tmp_path) == []


async def test_what_is_there_is_not_asked_for(site: Site, tmp_path: Path) -> None:
    await get(site, tmp_path, "en", "zh")
    site.asked.clear()
    assert await get(site, tmp_path, "en", "zh") == []
    assert site.asked == []


async def test_transfer_that_broke_off_is_gone_on_with(site: Site, tmp_path: Path) -> None:
    site.breaks = [100_000, 50_000]
    for _ in range(2):
        assert "broke off" in await fails(site, tmp_path)
    await get(site, tmp_path)
    transfers = [wanted for name, wanted in site.asked if name == OFFICIAL["en"]]
    assert transfers[0] is None
    got = [int(str(wanted).removeprefix("bytes=").rstrip("-")) for wanted in transfers[1:]]
    assert 0 < got[0] <= 100_000 < got[1] + 50_000 and got[0] < got[1] <= 150_000
    assert (folder(tmp_path, "en") / "README").read_bytes() == b"hello"
    assert left(tmp_path) == []


async def test_site_that_knows_no_ranges_begins_again(site: Site, tmp_path: Path) -> None:
    site.breaks, site.ranges = [100_000], False
    await fails(site, tmp_path)
    await get(site, tmp_path)
    assert (folder(tmp_path, "en") / "README").read_bytes() == b"hello"


async def test_wrong_md5_is_thrown_away(site: Site, tmp_path: Path) -> None:
    site.lies = {"md5": "0" * 32}
    assert "not what the site lists" in await fails(site, tmp_path)
    assert left(tmp_path) == []
    site.lies = {}
    await get(site, tmp_path)


@pytest.mark.parametrize("more", [-1, 1000])
async def test_wrong_size_is_thrown_away(more: int, site: Site, tmp_path: Path) -> None:
    site.lies = {"size": len(site.archives[OFFICIAL["en"]]) + more}
    assert "thrown away" in await fails(site, tmp_path)
    assert left(tmp_path) == []


def evil(folder: Path) -> list[Path]:
    """What a hostile archive has written."""
    return [path for path in (*folder.rglob("*evil*"), Path("/tmp/evil-of-a-zip")) if path.is_file()]


@pytest.mark.parametrize("name", ["../evil", "model/../../evil", "/tmp/evil-of-a-zip", "a/b/../../../evil"])
async def test_archive_that_writes_elsewhere_is_refused(name: str, site: Site, tmp_path: Path) -> None:
    site.archives[OFFICIAL["en"]] = packed("x", {f"{OFFICIAL['en']}/am/final.mdl": b"x", name: b"evil"})
    assert f"holds {name!r}, which would be written elsewhere" in await fails(site, tmp_path / "cache")
    assert evil(tmp_path) == []


async def test_archive_that_holds_no_model(site: Site, tmp_path: Path) -> None:
    site.archives[OFFICIAL["en"]] = packed("x", {"readme.txt": b"nothing here", "folder/file": b""})
    assert "holds no Vosk model" in await fails(site, tmp_path)


async def test_archive_that_is_none(site: Site, tmp_path: Path) -> None:
    site.archives[OFFICIAL["en"]] = b"this is not a zip file" * 100
    assert OFFICIAL["en"] in await fails(site, tmp_path)


async def test_broken_archive_is_not_in_the_way_of_the_next_try(site: Site, tmp_path: Path) -> None:
    good = site.archives[OFFICIAL["en"]]
    site.archives[OFFICIAL["en"]] = packed("x", {"readme.txt": b"nothing here"})
    await fails(site, tmp_path)
    site.archives[OFFICIAL["en"]] = good
    await get(site, tmp_path)
    assert left(tmp_path) == []


async def test_model_that_is_not_listed_any_more(site: Site, tmp_path: Path) -> None:
    del site.archives[OFFICIAL["en"]]
    assert f"does not list {OFFICIAL['en']}" in await fails(site, tmp_path)


@pytest.mark.parametrize("listing", ["<html>moved</html>", "", "{}", "[1, 2]", '[{"md5": "x"}]', "null"])
async def test_list_that_cannot_be_read(listing: str, site: Site, tmp_path: Path) -> None:
    site.listing = listing
    with pytest.raises(ModelUnavailable):
        await get(site, tmp_path)


async def test_first_model_stays_when_the_second_fails(site: Site, tmp_path: Path) -> None:
    del site.archives[OFFICIAL["zh"]]
    with pytest.raises(ModelUnavailable):
        await get(site, tmp_path, "en", "zh")
    assert folder(tmp_path, "en").is_dir()


# -- a site that cannot be reached


async def not_reached(action: Callable[[], Any]) -> None:
    """Told soon: the patience with a site that answers is longer than any test may take."""
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        await action()


async def test_site_that_is_not_there(site: Site, tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    await not_reached(lambda: fetch(tmp_path, ("en",), nowhere, lambda text: None))


async def test_site_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(models, "UNREACHABLE_S", 0.3)
    assert UNREACHABLE_S <= 5
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        await not_reached(lambda: fetch(tmp_path, ("en",), address, lambda text: None))
    finally:
        server.close()


@pytest.mark.parametrize("status", [404, 500, 403])
async def test_site_that_says_no(status: int, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await not_reached(lambda: fetch(tmp_path, ("en",), f"{site.address}/elsewhere", lambda text: None))


# -- choosing


def house(tmp_path: Path, *, bundled: bool = True, official: tuple[str, ...] = ()) -> tuple[Path, Path]:
    """A cache and a root, with these models in them."""
    cache, root = tmp_path / "cache", tmp_path / "root"
    for language in official:
        folder(cache, language).mkdir(parents=True)  # type: ignore[arg-type]
    if bundled:
        (root / "audio/models/bundled-en").mkdir(parents=True)
    return cache, root


def test_official_model_is_chosen_where_it_is(tmp_path: Path) -> None:
    cache, root = house(tmp_path, official=("en", "zh"))
    assert choose({"en": "auto", "zh": "auto"}, cache, root) == (
        {"en": folder(cache, "en"), "zh": folder(cache, "zh")}, [],
    )  # fmt: skip


def test_else_the_bundled_one_and_that_is_said(tmp_path: Path) -> None:
    cache, root = house(tmp_path)
    chosen, notes = choose({"en": "auto", "zh": "auto"}, cache, root)
    assert chosen == {"en": root / "audio/models/bundled-en"}
    assert notes == [
        BUNDLED_NOTE,
        "Speech: there is no model for 'zh', so callers in that language are served by keys.",
    ]


def test_without_any_model_there_are_keys(tmp_path: Path) -> None:
    cache, root = house(tmp_path, bundled=False)
    chosen, notes = choose({"en": "auto", "zh": "auto"}, cache, root)
    assert chosen == {} and len(notes) == 2


def test_off_is_off(tmp_path: Path) -> None:
    cache, root = house(tmp_path, official=("en", "zh"))
    assert choose({"en": "off", "zh": "off"}, cache, root) == ({}, [])


def test_folder_that_is_named_wins_and_must_be_there(tmp_path: Path) -> None:
    cache, root = house(tmp_path, official=("en",))
    own = tmp_path / "own"
    with pytest.raises(ModelUnavailable, match=r"'en' should be in .*own"):
        choose({"en": str(own)}, cache, root)
    own.mkdir()
    assert choose({"en": str(own)}, cache, root) == ({"en": own}, [])


def test_the_bundled_model_is_where_it_is_looked_for() -> None:
    for path in models.BUNDLED.values():
        assert (ROOT / path / "am/final.mdl").is_file()


def test_whoever_has_just_failed_to_fetch_is_not_told_to_fetch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cache, root = house(tmp_path)
    monkeypatch.setenv("IVR_MODEL_SITE", f"http://127.0.0.1:{free_port()}")
    assert models.main(["--cache", str(cache)]) == 1
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1 and f"unpack {OFFICIAL['en']} and {OFFICIAL['zh']} into {cache}/models" in told
    assert "make models" not in told
    assert models.main(["--optional", "--cache", str(cache)]) == 0
    assert "minutes ago); the small bundled English model listens" in capsys.readouterr().err
    (note,) = choose({"en": "auto"}, cache, root)[1]
    assert "could not be fetched: the Vosk project's site cannot be reached" in note and "make models" not in note
