"""The doors through which something foreign comes in: what each reads, and what it may say of what it cannot read.

A door is called with bytes. It may return, or raise what it names; anything else is a fault of ours. ``seeds/`` has files that
are right, by the door's name; the inputs are made of them.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from yarl import URL

from ivr.adapters.sound.files import BadSound, read_sound
from ivr.config.load import ConfigError, parse
from ivr.core.card_numbers import halves
from ivr.core.flow.intent import Hypothesis
from ivr.core.kept import kept
from ivr.core.told import Told
from ivr.core.weak_passwords import is_weak
from ivr.web.sockets import desk_messages
from ivr.wire import phone_numbers
from ivr.wire.asterisk import ami, audiosocket
from ivr.wire.customers.csv_rows import ImportFailed, read_rows
from ivr.wire.customers.record import Mapped, RecordUnusable, read_record
from ivr.wire.customers.rows import CaseRow, ContactRow, CustomerRow, OrderRow
from ivr.wire.flow import toml as flow_toml
from ivr.wire.flow.toml import FlowError
from ivr.wire.reading.reader import SpokenReader
from ivr.wire.webhooks.addresses import odd
from ivr.wire.written.encodings import NotText, decoded
from ivr.wire.written.toml import NotToml, of_bytes

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SEEDS = Path(__file__).parent / "seeds"


@dataclass(frozen=True, slots=True)
class Door:
    """One reader, and the errors that it may raise."""

    read: Callable[[bytes], Any]
    may: tuple[type[Exception], ...] = ()

    def __call__(self, data: bytes) -> Any:
        with suppress(*self.may):
            return self.read(data)
        return None


def _audiosocket(data: bytes) -> None:
    """In pieces, as a network brings it, it is the same as in one."""
    whole, pieces = audiosocket.Parser(), audiosocket.Parser()
    said: list[Any] = []
    try:
        said = whole.feed(data)
    except audiosocket.ProtocolError:
        return
    found: list[Any] = []
    for begin in range(0, len(data), 7):
        found += pieces.feed(data[begin : begin + 7])
    assert _sound(found) == _sound(said)


def _sound(messages: list[Any]) -> list[Any]:
    return [one for one in messages if not isinstance(one, audiosocket.Audio)]


def _ami(data: bytes) -> None:
    lines = [line.partition(":") for line in data.decode("utf-8", "replace").splitlines()]
    fields = {name.strip(): value.strip() for name, _, value in lines if name.strip()}
    ami.understand(fields)
    ami.found_channel(fields)
    ami.queue_entry(fields)


def _config(data: bytes) -> None:
    _, found = of_bytes(data, "config.toml")
    parse(found.tables, "config.toml", {}, found.lines)


def _dialogue(data: bytes) -> None:
    flow_toml.read({"house.toml": decoded(data)})


def _csv(data: bytes) -> None:
    text = decoded(data)
    for model in (CustomerRow, OrderRow, CaseRow, ContactRow):
        with suppress(ImportFailed):
            read_rows(model, "rows.csv", text, "DE")


def _crm(data: bytes) -> None:
    read_record(json.loads(data), Mapped(record="customer"), lambda problem: None)


def _desk(data: bytes) -> None:
    desk_messages.read(data.decode("utf-8", "replace"))


_READER = SpokenReader("DE", "EUR")


def _spoken(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for language in ("en", "zh"):
        for kind in ("digits", "number", "date", "time", "amount", "phone", "name"):
            for reading in _READER.read(kind, [Hypothesis(text)], language, NOW, ("Anna Schmidt", "林美")):  # type: ignore[arg-type]
                assert reading.value and 0 < reading.share <= 1


def _phone(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for region in ("DE", "CN", "US"):
        with suppress(Told, ValueError):
            number = phone_numbers.normalise(text, region)
            assert number is None or number.removeprefix("+").isascii()
            assert number is None or number.removeprefix("+").isdigit()


def _wav(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(data)
        file.flush()
        read_sound(Path(file.name))


def _card(data: bytes) -> None:
    """What is kept of a text is the same when it is kept once more, and has no card's number in one piece."""
    text = data.decode("utf-8", "replace")
    once = kept(text)
    assert kept(once) == once
    halves([text, once])


def _address(data: bytes) -> None:
    """Where something can be sent to, the one who sends reads the same."""
    url = data.decode("utf-8", "replace")
    for private in (True, False):
        if odd(url, private) is None:
            read = URL(url)
            assert read.host and read.port and read.user is read.password is None


def _password(data: bytes) -> None:
    is_weak(data.decode("utf-8", "replace"), ("Lin Mei", "林美", ""))


DOORS: dict[str, Door] = {
    "audiosocket": Door(_audiosocket),
    "ami": Door(_ami),
    "config": Door(_config, (NotToml, NotText, ConfigError)),
    "dialogue": Door(_dialogue, (NotToml, NotText, FlowError)),
    "csv": Door(_csv, (NotText,)),
    "crm": Door(_crm, (json.JSONDecodeError, UnicodeDecodeError, RecordUnusable, RecursionError)),
    "desk": Door(_desk, (desk_messages.MalformedError,)),
    "spoken": Door(_spoken),
    "phone": Door(_phone),
    "wav": Door(_wav, (BadSound,)),
    "card": Door(_card),
    "address": Door(_address),
    "password": Door(_password),
}


def seeds(name: str) -> list[bytes]:
    """What is right, for the door of that name."""
    return [one.read_bytes() for one in sorted(SEEDS.glob(f"{name}.*"))]
