"""The speech models: the official small ones from the Vosk project's site, or the bundled one of our own.

``python -m ivr.provision.models`` (``make models``) fetches what is missing into the cache: resumed, checked against the
size and the MD5 that the site publishes, unpacked atomically. A site that cannot be reached costs five seconds, once.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from ivr.core.language import Language
from ivr.core.told import Told
from ivr.provision import tried
from ivr.provision.places import CACHE
from ivr.provision.running import command, to_stderr

SITE = "https://alphacephei.com/vosk/models"
OFFICIAL: dict[Language, str] = {"en": "vosk-model-small-en-us-0.15", "zh": "vosk-model-small-cn-0.22"}
BUNDLED: dict[Language, Path] = {"en": Path("audio/models/bundled-en")}
UNREACHABLE_S = 5.0
_STALLED_S = 20.0
_CHUNK = 256 * 1024
_TICK_S = 4.0
"""How long nothing may be said of a fetch."""
_BUNDLED = (
    "the small bundled English model listens: it knows the sample shop's words and synthetic voices, good for the demo and "
    "the tests, not for real callers"
)
BUNDLED_NOTE = f"Speech: the official models are not here, so {_BUNDLED} (`make models` fetches the real ones)."


class ModelUnavailable(Told):
    """A model cannot be fetched; the message says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A model as the site lists it."""

    name: str
    url: str
    size: int
    md5: str


def folder(cache: Path, language: Language) -> Path:
    """Where a fetched model lies."""
    return cache / "models" / OFFICIAL[language]


def choose(wanted: dict[Language, str], cache: Path, *roots: Path) -> tuple[dict[Language, Path], list[str]]:
    """The model folder of each language, and what should be said about the choice.

    ``wanted`` has "auto", "off" or a folder; the bundled models are looked for in ``roots``, the first one wins.
    Nothing is fetched here; a named folder that is not there raises ModelUnavailable.
    """
    chosen: dict[Language, Path] = {}
    notes: list[str] = []
    for language, want in wanted.items():
        if want == "off":
            continue
        if want != "auto":
            if not Path(want).is_dir():
                raise ModelUnavailable(
                    f"the speech model for {language!r} should be in {want}, but there is no such folder"
                )
            chosen[language] = Path(want)
        elif folder(cache, language).is_dir():
            chosen[language] = folder(cache, language)
        elif bundled := _bundled(language, roots):
            chosen[language] = bundled
            notes.append(_note(cache))
        else:
            notes.append(f"Speech: there is no model for {language!r}, so callers in that language are served by keys.")
    return chosen, notes


def is_one(path: Path) -> bool:
    """Whether a folder holds a Vosk model, of either of its two layouts."""
    return any((path / file).is_file() for file in ("am/final.mdl", "final.mdl"))


def _note(cache: Path) -> str:
    """What is said of the bundled model: whoever has just failed to fetch the real ones is not told to fetch them."""
    why = tried.lately(cache, "models")
    return f"Speech: {_BUNDLED}; the official ones could not be fetched: {why}." if why else BUNDLED_NOTE


def _bundled(language: Language, roots: tuple[Path, ...]) -> Path | None:
    there = (root / BUNDLED[language] for root in roots) if language in BUNDLED else ()
    return next((path for path in there if path.is_dir()), None)


async def fetch(
    cache: Path, languages: tuple[Language, ...], site: str = SITE, say: Callable[[str], None] = print
) -> None:
    """Fetch the models that are missing; raises ModelUnavailable, and then whatever is complete stays."""
    missing = [language for language in languages if not folder(cache, language).is_dir()]
    if not missing:
        return
    timeout = aiohttp.ClientTimeout(total=None, connect=UNREACHABLE_S, sock_read=_STALLED_S)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as http:
        listed = await _list(http, site)
        for language in missing:
            model = listed.get(OFFICIAL[language])
            if model is None:
                raise ModelUnavailable(f"{site} does not list {OFFICIAL[language]} any more")
            say(f"Speech: fetching {model.name} ({model.size / 1e6:.0f} MB) …")
            archive = await _download(http, model, cache / "models")
            try:
                await asyncio.to_thread(_unpack, archive, folder(cache, language))
            except zipfile.BadZipFile as error:
                raise ModelUnavailable(f"{archive.name} cannot be unpacked: {error}") from error


async def _list(http: aiohttp.ClientSession, site: str) -> dict[str, Listed]:
    try:
        async with asyncio.timeout(UNREACHABLE_S), http.get(f"{site}/model-list.json") as answer:
            answer.raise_for_status()
            rows: list[dict[str, Any]] = await answer.json(content_type=None)
            return {
                row["name"]: Listed(row["name"], row["url"], int(row["size"]), row["md5"])
                for row in rows
                if row.get("md5")
            }
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise ModelUnavailable(f"the Vosk project's site cannot be reached ({str(error) or 'no answer'})") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelUnavailable("the Vosk project's list of models could not be read") from error


async def _download(http: aiohttp.ClientSession, model: Listed, into: Path) -> Path:
    """The checked archive; what an earlier attempt got is gone on with."""
    into.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  # a set-up command with nothing else to do
    part, whole = into / f"{model.name}.zip.part", into / f"{model.name}.zip"
    have = part.stat().st_size if part.exists() else 0
    if have < model.size:
        headers = {"Range": f"bytes={have}-"} if have else {}
        try:
            async with http.get(model.url, headers=headers) as answer:
                answer.raise_for_status()
                have = have if answer.status == 206 else 0
                with part.open("ab" if have else "wb") as file:
                    await _receive(answer, file.write, have, model)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise ModelUnavailable(
                f"{model.name}: the download broke off ({error!r}); the next try goes on from there"
            ) from error
    if part.stat().st_size != model.size or await asyncio.to_thread(_md5, part) != model.md5:
        part.unlink()
        raise ModelUnavailable(
            f"{model.name}: what arrived is not what the site lists (size or MD5 differ); it was thrown away"
        )
    part.rename(whole)
    return whole


async def _receive(answer: aiohttp.ClientResponse, write: Callable[[bytes], object], have: int, model: Listed) -> None:
    shown = time.monotonic()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        write(chunk)
        have += len(chunk)
        if time.monotonic() - shown > _TICK_S:
            shown = time.monotonic()
            to_stderr(f"  {have / model.size:.0%} of {model.size / 1e6:.0f} MB …")


def _md5(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _unpack(archive: Path, target: Path) -> None:
    """Unpack beside the target and rename, so that a half-unpacked model is never used."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unpack-") as name:
        with zipfile.ZipFile(archive) as pack:
            for member in pack.namelist():
                path = (Path(name) / member).resolve()
                if not path.is_relative_to(Path(name).resolve()):
                    raise ModelUnavailable(
                        f"{archive.name} holds {member!r}, which would be written elsewhere; it is not used"
                    )
            pack.extractall(name)
        inner = next((p for p in Path(name).iterdir() if (p / "am").is_dir() or (p / "final.mdl").is_file()), None)
        if inner is None:
            raise ModelUnavailable(f"{archive.name} holds no Vosk model")
        shutil.rmtree(target, ignore_errors=True)
        inner.rename(target)
    archive.unlink()


def main(arguments: list[str] | None = None) -> int:
    """Fetch what is missing: 0 when it is there, or when it is ``--optional``; 1 with one sentence otherwise."""
    parser = argparse.ArgumentParser(prog="python -m ivr.provision.models", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--optional", action="store_true", help="go on with the bundled one when they cannot be had")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where they are kept (default: %(default)s)")
    options = parser.parse_args(arguments)
    cache = options.cache
    site = os.environ.get("IVR_MODEL_SITE", SITE)
    instead = "" if options.optional else (
        f": try again when {site} can be reached, or unpack {' and '.join(OFFICIAL.values())} into {cache / 'models'} yourself"
    )  # fmt: skip

    def get() -> None:
        try:
            asyncio.run(fetch(cache, ("en", "zh"), site, to_stderr))
        except ModelUnavailable as error:
            raise ModelUnavailable(f"{error}{instead}") from error

    return tried.optional("models", get, cache, f"; {_BUNDLED}", options.optional, command="make models")


if __name__ == "__main__":
    sys.exit(command(main))
