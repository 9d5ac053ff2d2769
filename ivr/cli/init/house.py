"""What stands in a new house: settings, dialogues, Asterisk's files with this house's addresses in them, one secret for both.

Nothing in it refers to the installation: what a house does not have itself (models, encoder, pronunciation) is found there.
"""

from __future__ import annotations

import re
import secrets
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from ivr.core.told import Told, why
from ivr.provision.places import INSTALLED

TEMPLATES = Path(__file__).parent / "templates"
OWN_DIALOGUES = "shop"
"""The template that is the installation's own sample."""
NAMES = {
    "practice": "Harbour Dental Practice",
    "utility": "Harbour Energy",
    "blank": "My House",
    OWN_DIALOGUES: "Harbour Watches",
}
"""Each template, and what the house is called unless it is told."""
DEMO = "Or the sample shop's own, with its customers and its books, into the empty database: `ivr demo`.\n\n"
HERE = "As root:\n\n```\ncp @FOLDER@/asterisk/*.conf /etc/asterisk/"
THERE = "It is on another machine, which lets this one in (`permit` in `manager_ivr.conf`). Here:\n\n```\n\
scp @FOLDER@/asterisk/*.conf root@HOST:/etc/asterisk/\n```\n\nThere, as root:\n\n```"
LONGEST_NAME = 60
PRIVATE, OURS_ALONE, EVERYBODY_S = 0o700, 0o600, 0o644


class NotMade(Told):
    """The house was not made; the text says why and what would be right."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A house as it was asked for."""

    folder: Path
    template: str = "blank"
    name: str | None = None
    """What callers hear; None: the template's own."""
    media: str = "127.0.0.1:9092"
    """Where Asterisk connects to for sound, "host:port"."""
    manager: str = "127.0.0.1:5038"
    """Where Asterisk's manager interface listens, "host:port"."""
    web_port: int = 8080
    number: str = "4000"
    """The number, as Asterisk dials it, that leads to the house."""

    @property
    def called(self) -> str:
        """What the house is called."""
        return NAMES[self.template] if self.name is None else self.name


def make(wanted: Wanted) -> None:
    """Write it all. Raises NotMade, and leaves nothing behind then."""
    folder = wanted.folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NotMade(
            f"{folder} is there already, and not empty: name a new folder, and nothing of yours is overwritten"
        )
    made = dict(files(wanted))
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
        (folder / "var").mkdir(mode=PRIVATE)
        for path, text in made.items():
            _write(folder / path, text, OURS_ALONE if "secret" in path else EVERYBODY_S)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise NotMade(f"{error.filename or folder}: {why(error)}") from error


def files(wanted: Wanted) -> Iterator[tuple[str, str]]:
    """Every file of the house by its path in it."""
    secret = secrets.token_hex(24)
    dialogues = dict(_dialogues(wanted))
    queues = [name for text in dialogues.values() for name in tomllib.loads(text).get("queues", {})]
    for name, text in dialogues.items():
        yield f"dialplans/{name}", text
    yield "config.toml", _settings(wanted)
    yield "secrets/asterisk", f"{secret}\n"
    yield "asterisk/manager_ivr_secret.conf", f"secret = {secret}\n"
    yield "asterisk/manager_ivr.conf", _manager(wanted)
    yield "asterisk/extensions_ivr.conf", _shipped("extensions_ivr.conf").replace("127.0.0.1:9092", wanted.media)
    yield "asterisk/queues_ivr.conf", _queues(queues)
    yield "README.md", _readme(wanted, queues[0])


def _write(path: Path, text: str, mode: int) -> None:
    path.parent.mkdir(exist_ok=True, mode=PRIVATE)
    path.touch(mode=mode)
    path.write_text(text, encoding="utf-8")


def _dialogues(wanted: Wanted) -> Iterator[tuple[str, str]]:
    installed = INSTALLED / "dialplans"
    if wanted.template == OWN_DIALOGUES:
        yield from ((path.name, path.read_text(encoding="utf-8")) for path in sorted(installed.glob("*.toml")))
        return
    name = wanted.called
    common = TEMPLATES / "common"
    for shared in ("standard.toml", "wishes.toml"):
        yield shared, (installed / shared).read_text(encoding="utf-8")
    yield "conversation.toml", (common / "conversation.toml").read_text(encoding="utf-8")
    own = TEMPLATES / wanted.template
    yield "house.toml", (own / "house.toml").read_text(encoding="utf-8").replace("{house}", _inside_quotes(name))
    person = (common / "person.toml").read_text(encoding="utf-8")
    yield "intents.toml", (own / "intents.toml").read_text(encoding="utf-8").rstrip() + f"\n\n{person}"


def _inside_quotes(name: str) -> str:
    """A name as it stands between a TOML string's quotes; no place of a prompt is made by its braces."""
    if not name.strip() or len(name) > LONGEST_NAME:
        raise NotMade(
            f"--name: a name that is said when the phone is picked up is needed, of {LONGEST_NAME} letters at most"
        )
    if found := re.search(r"[{}\x00-\x1f\x7f]", name):
        raise NotMade(f"--name: {found.group()!r} cannot stand in a name that is said")
    return name.replace("\\", "\\\\").replace('"', '\\"')


def _settings(wanted: Wanted) -> str:
    """The installation's config.toml, every word of its comments, with this house's own values."""
    text = (INSTALLED / "config.toml").read_text(encoding="utf-8")
    for table, address in (("asterisk", wanted.manager), ("media", wanted.media)):
        host, _, port = address.rpartition(":")
        text = _set(_set(text, table, "host", f'"{host}"'), table, "port", port)
    text = _set(text, "asterisk", "secret_file", '"secrets/asterisk"').replace("dialplans/asterisk/", "asterisk/")
    text = _set(text, "web", "port", str(wanted.web_port))
    return text if wanted.template == OWN_DIALOGUES else _set(text, "sources", "shop", None)


def _set(text: str, table: str, key: str, value: str | None) -> str:
    """A value in the text of a TOML file, its comment kept; None: the line is taken out."""
    line = re.compile(rf"(^\[{table}\]\n(?:(?!\[).*\n)*?){key} = (\"[^\"]*\"|[^#\s]+)(.*\n)", re.MULTILINE)
    kept = r"\g<1>" if value is None else rf"\g<1>{key} = {value}\g<3>"
    made, count = line.subn(kept, text, count=1)
    assert count == 1, (table, key)
    return made


def _shipped(name: str) -> str:
    return (INSTALLED / "dialplans/asterisk" / name).read_text(encoding="utf-8")


def _is_here(address: str) -> bool:
    return address.rpartition(":")[0] in ("localhost", "[::1]") or address.startswith("127.")


def _manager(wanted: Wanted) -> str:
    """manager_ivr.conf; where Asterisk is on another machine, it lets this one in, which it reaches at the address of [media]."""
    text = _shipped("manager_ivr.conf")
    if _is_here(wanted.manager):
        return text
    host = wanted.media.rpartition(":")[0].strip("[]")
    try:
        here = ip_network(host)
    except ValueError:
        raise NotMade(f"--media: Asterisk's manager needs this machine's address in digits, and not {host!r}") from None
    if here.is_loopback or here.is_unspecified:
        raise NotMade(
            f"--media: Asterisk at {wanted.manager} cannot reach {host}: name this machine's address as Asterisk sees it, "
            "as in --media 192.0.2.5:9092"
        )
    old = "permit = 127.0.0.1/255.255.255.255\n"
    assert old in text
    return text.replace(old, f"permit = {here.with_netmask}\n").replace(
        "bindaddr = 127.0.0.1", f"bindaddr = {wanted.manager.rpartition(':')[0]}"
    )


def _queues(names: list[str]) -> str:
    """queues_ivr.conf with the queues of the house."""
    template, _, _ = _shipped("queues_ivr.conf").partition("[ivr-fallback]")
    return template + "".join(f"[{name}](ivr-queue)\n" for name in names)


def _readme(wanted: Wanted, queue: str) -> str:
    """``queue``: one that the first agent may be given."""
    text = (TEMPLATES / "README.md").read_text(encoding="utf-8")
    values = {
        "NAME": wanted.called, "FOLDER": str(wanted.folder.resolve()), "NUMBER": wanted.number,
        "DEMO": DEMO if wanted.template == OWN_DIALOGUES else "",
        "COPY": HERE if _is_here(wanted.manager) else THERE.replace("HOST", wanted.manager.rpartition(":")[0]),
        "BIND": "" if _is_here(wanted.manager) else f"bindaddr = {wanted.manager.rpartition(':')[0]}\n",
        "WEB": f"http://127.0.0.1:{wanted.web_port}/", "QUEUE": queue,
    }  # fmt: skip
    text = re.sub(r"@(COPY)@", lambda place: values[place[1]], text)
    return re.sub(r"@(\w+)@", lambda place: values[place[1]], text)
