"""Programs that Debian or Ubuntu package, had in one way for all of them.

What is installed is used. Else, as root and where the machine's own release has it, apt installs it, except for
daemons: installing one would start a service that nobody asked for. Else the packages are unpacked under the cache
directory with all their libraries, which needs no root and changes nothing on the machine.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ivr.core.told import Told
from ivr.provision import whole
from ivr.provision.running import run, to_stderr


class PartMissing(Told):
    """A system part cannot be had; the message says in one sentence what to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """One program and where it comes from."""

    name: str
    program: str
    packages: tuple[str, ...]
    suite: str | None = None
    """Debian suite to unpack from when the machine's own has none; None: the machine's own suite."""
    components: str = "main"
    """Debian's components that hold it."""
    daemon: bool = False
    trial: str | None = None
    """The word with which the program only says its version; it must do that before it counts as got."""
    looks_in: tuple[str, ...] = ()
    """Globs, relative to a root directory, where the program lies when it is not on the PATH."""


ASTERISK = Part(
    "Asterisk", "asterisk", ("asterisk",), suite="sid", daemon=True, trial="-V", looks_in=("usr/sbin/asterisk",)
)
POSTGRESQL = Part(
    "PostgreSQL", "postgres", ("postgresql",), trial="--version", looks_in=("usr/lib/postgresql/*/bin/postgres",)
)
SIPP = Part("SIPp", "sipp", ("sip-tester",), looks_in=("usr/bin/sipp",))
STRACE = Part("strace", "strace", ("strace",), trial="--version", looks_in=("usr/bin/strace",))
FAKETIME = Part("faketime", "libfaketimeMT.so.1", ("libfaketime",), looks_in=("usr/lib/*/faketime/libfaketimeMT.so.1",))
"""Not a program: a library in front of the C library, which gives a process a time of day of its own."""
FLITE = Part("flite", "flite", ("flite",), trial="--version", looks_in=("usr/bin/flite",))
OPENFST = Part("OpenFst", "fstconvert", ("libfst-tools",), looks_in=("usr/bin/fstconvert",))
FESTLEX = Part(
    "festlex-cmu", "cmudict-0.4.out", ("festlex-cmu",), looks_in=("usr/share/festival/dicts/cmu/cmudict-0.4.out",)
)
"""Not a program: the pronunciations of the words of English, which the bundled speech model is made with."""
RHVOICE = Part(
    "RHVoice", "RHVoice-test", ("rhvoice", "rhvoice-english"), components="main contrib non-free",
    looks_in=("usr/bin/RHVoice-test",),
)  # fmt: skip
"""Free software; its voices are in non-free because what they were trained with is not part of the package."""
CHROMIUM = Part(
    "Chromium",
    "chromium",
    ("chromium",),
    trial="--version",
    looks_in=("usr/lib/chromium/chromium", "usr/bin/google-chrome"),
)
GRAPHVIZ = Part("Graphviz", "dot", ("graphviz",), trial="-V", looks_in=("usr/bin/dot",))


@dataclass(frozen=True, slots=True)
class Found:
    """A program that can be run."""

    path: Path
    root: Path | None
    """The directory it was unpacked under, or None when the machine has it."""
    own_loader: bool = False
    """Whether it brings a C library of its own and so must be started with its own loader."""

    def command(self) -> list[str]:
        """The words that start it; add arguments behind them."""
        if self.root is None or not self.own_loader:
            return [str(self.path)]
        libraries = self.root / "usr/lib" / triplet()
        loader = next(libraries.glob("ld-linux*.so.*"))
        return [str(loader), "--library-path", str(libraries), str(self.path)]

    def environment(self) -> dict[str, str]:
        """What must be added to the environment of the process."""
        if self.root is None or self.own_loader:
            return {}
        libraries = self.root / "usr/lib" / triplet()
        return {"LD_LIBRARY_PATH": f"{libraries}:{self.root / 'usr/lib'}"}


def triplet() -> str:
    """The multi-arch name of this machine, "x86_64-linux-gnu"."""
    machine = platform.machine()
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine) + "-linux-gnu"


def locate(part: Part, cache: Path) -> Found | None:
    """The part as it is now, without getting anything; ``IVR_<NAME>`` in the environment wins."""
    named = os.environ.get(f"IVR_{part.name.upper()}")
    if named:
        path = Path(named)
        if not os.access(path, os.X_OK):
            raise PartMissing(f"IVR_{part.name.upper()} names {named}, which is not a program that can be run.")
        return Found(path, None)
    on_path = shutil.which(part.program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if on_path and not os.environ.get("IVR_UNPACKED_ONLY"):
        return Found(Path(on_path), None)
    root = cache.resolve() / "debian" / part.program / "root"
    for base, unpacked in ((Path("/"), None), (root, root)):
        if unpacked is None and os.environ.get("IVR_UNPACKED_ONLY"):
            continue
        for pattern in part.looks_in:
            if unpacked and whole.damaged(unpacked):
                continue
            for path in sorted(base.glob(pattern), reverse=True):
                return Found(path, unpacked, own_loader=unpacked is not None and part.suite is not None)
    return None


def get(part: Part, cache: Path) -> Found:
    """The part, got in whatever way this machine allows.

    Raises PartMissing with a sentence that says what to do.
    """
    found = locate(part, cache)
    if found:
        return found
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise PartMissing(
            f"{part.name} is not installed and this machine has no apt to get it with: install it with your "
            f"system's own package manager, or set IVR_{part.name.upper()} to the program."
        )
    if os.geteuid() == 0 and not part.daemon and not os.environ.get("IVR_UNPACKED_ONLY") and _apt_install(part):
        found = locate(part, cache)
        if found:
            return _tried(part, found)
    if damaged := whole.damaged(cache.resolve() / "debian" / part.program / "root"):
        _say(f"{damaged} of {part.name} is not as it was unpacked, so all of it is got anew …")
    _unpack(part, cache)
    found = locate(part, cache)
    if found is None:
        raise PartMissing(f"{part.name} was unpacked, but holds no {part.program}: please report this.")
    return _tried(part, found)


def _tried(part: Part, found: Found) -> Found:
    """What was just got, once it has run; else it is thrown away where it was unpacked. Raises PartMissing."""
    if part.trial is None:
        return found
    done = run([*found.command(), part.trial], f"trying {part.name}", env={**os.environ, **found.environment()})
    if 0 <= done.code < 126:  # some say their version and end with another code than 0; 127: a library is missing
        return found
    if found.root is not None:
        shutil.rmtree(found.root.parent, ignore_errors=True)
    raise PartMissing(
        f"{part.name} was got, but cannot be started here ({done.why()}): install {' '.join(part.packages)} yourself, or "
        f"set IVR_{part.name.upper()} to a program that runs."
    )


def _say(text: str) -> None:
    to_stderr(f"  {text}")


def _apt_install(part: Part) -> bool:
    """Install with apt as root; False when this release has no such package or apt fails."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if _candidate(part) is None:
        run(["apt-get", "-qq", "update"], "reading the package lists", env=env)
    if _candidate(part) is None:
        return False
    _say(f"installing {part.name} with apt …")
    words = ["apt-get", "-qq", "-y", "--no-install-recommends", "install", *part.packages]
    done = run(words, f"installing {part.name}", env=env)
    if done.code != 0:
        _say(f"apt could not install {part.name}, so it is unpacked instead: {done.why()}")
    return done.code == 0


def _candidate(part: Part) -> str | None:
    words = ["apt-cache", "policy", part.packages[0]]
    out = subprocess.run(words, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}, check=False).stdout
    version = next((line.split()[-1] for line in out.splitlines() if "Candidate:" in line), "(none)")
    return None if version == "(none)" else version


def _sources(part: Part) -> str:
    """One sources.list line: the machine's own mirror, with the suite that has the part."""
    words = ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(REPO_URI)|$(CODENAME)", "Created-By: Packages"]
    listed = subprocess.run(words, capture_output=True, text=True, check=False).stdout.splitlines()
    for line in listed:
        origin, uri, codename = (line.split("|") + [""] * 3)[:3]
        if origin not in ("Debian", "Ubuntu") or "security" in uri or "-" in codename:
            continue
        keyring = f"/usr/share/keyrings/{origin.lower()}-archive-keyring.gpg"
        if origin == "Ubuntu":
            components = "main universe" if part.components == "main" else "main universe multiverse"
            return f"deb [signed-by={keyring}] {uri} {codename} {components}"
        # sid is the only one of Debian's suites that has a current Asterisk
        return f"deb [signed-by={keyring}] {uri} {part.suite or codename} {part.components}"
    raise PartMissing(
        f"{part.name} is not installed and apt knows no Debian or Ubuntu mirror yet: "
        f"run `apt-get update` once as root, or install {' '.join(part.packages)} yourself."
    )


def _unpack(part: Part, cache: Path) -> None:
    """Download the packages with everything they need and unpack them under the cache; atomic."""
    target = cache.resolve() / "debian" / part.program
    target.parent.mkdir(parents=True, exist_ok=True)
    _say(f"fetching {part.name} and its libraries from Debian's packages (nothing on this machine is changed) …")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{part.program}-") as name:
        work = Path(name)
        for folder in ("lists/partial", "cache/archives/partial", "root"):
            (work / folder).mkdir(parents=True)
        (work / "status").touch()
        (work / "sources.list").write_text(_sources(part) + "\n")
        options = [
            f"Dir::Etc::SourceList={work}/sources.list", "Dir::Etc::SourceParts=/dev/null", f"Dir::State={work}",
            f"Dir::State::Lists={work}/lists", f"Dir::State::status={work}/status", f"Dir::Cache={work}/cache",
            "Debug::NoLocking=1", "APT::Install-Recommends=false", "APT::Sandbox::User=",
            "Acquire::Languages=none", "Acquire::Check-Valid-Until=false",
        ]  # fmt: skip
        apt = ["apt-get", "-qq", "-y", *(word for option in options for word in ("-o", option))]
        for step, words in (
            ("reading Debian's list", [*apt, "update"]),
            (f"fetching {part.name}", [*apt, "--download-only", "install", *part.packages]),
        ):
            done = run(words, step)
            if done.code != 0:
                raise PartMissing(
                    f"{part.name} could not be fetched ({done.why()}): check the machine's apt sources and "
                    f"network, or install {' '.join(part.packages)} yourself, then try again."
                )
        _unpack_archives(part, work)
        for waste in ("usr/share/doc", "usr/share/perl", "usr/share/locale", "usr/share/man"):
            shutil.rmtree(work / "root" / waste, ignore_errors=True)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        (work / "root").rename(target / "root")
        whole.note(target / "root")


def _unpack_archives(part: Part, work: Path) -> None:
    # one command for all of them, so that it is seen how far it is
    each = 'for deb in "$1"/*.deb; do echo "${deb##*/}"; dpkg-deb -x "$deb" "$2" || exit 1; done'
    done = run(["sh", "-c", each, "sh", str(work / "cache/archives"), str(work / "root")], f"unpacking {part.name}")
    if done.code != 0:
        raise PartMissing(f"{part.name} cannot be unpacked ({done.why()}): see that the disk has room, then try again.")
