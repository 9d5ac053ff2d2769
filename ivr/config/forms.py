"""What single settings must look like: names, ports, times, addresses, numbers; each refusal says what would be right."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

from ivr.core.told import meant, short
from ivr.wire.written.refusals import written

HERE, PAID_IN = "DE", "EUR"
"""The defaults, for which nothing need be looked up."""
BRACES = re.compile(r"\{.*?\}")


def is_web_address(template: str) -> bool:
    """Whether it leads to one host that is written in it, whatever is filled in between the braces behind that."""
    parts = urlsplit(template)
    named = parts.hostname and "{" not in parts.netloc and "@" not in parts.netloc
    return bool(parts.scheme in ("http", "https") and named and not parts.fragment.count("{number}"))


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        guess = meant(value, available_timezones(), 0.85) or ': write a name as "Europe/Berlin"'
        raise ValueError(f"there is no time zone {short(value)!r}{guess}") from error
    return value


def _whole(value: str) -> str:
    from ivr.wire.phone_numbers import is_whole  # knows every country, and is only needed by who shows a number

    if value.startswith("+") and not is_whole(value):
        raise ValueError(f'{value!r} is no whole telephone number of any country: write one as "+49301234567"')
    return value


def _country(value: str) -> str:
    if value != HERE:  # as _whole
        from ivr.wire.phone_numbers import COUNTRIES

        if value not in COUNTRIES:
            raise ValueError(f'there is no country {value!r}: write its two letters of ISO 3166, as in "DE"')
    return value


def _currency(value: str) -> str:
    if value != PAID_IN:
        from ivr.wire.reading.currencies import in_use

        if value not in in_use():
            raise ValueError(
                f'nobody pays in {value!r}: write a currency that is in use, by its letters of ISO 4217, as in "EUR"'
            )
    return value


def _source(value: str) -> str:
    parts = urlsplit(value)
    web = parts.scheme in ("http", "https") and parts.hostname
    if not web and not _is_database(value):
        right = "sqlite:///FILE, postgresql://USER@HOST/NAME, http://HOST or https://HOST"
        raise ValueError(f"{short(value)!r} is no source: write {right}")
    return value


def _database(value: str) -> str:
    if not _is_database(value):
        raise ValueError(f"{short(value)!r} is no database: write sqlite:///FILE or postgresql://USER@HOST/NAME")
    return value


def _is_database(value: str) -> bool:
    return bool(re.match(r"(sqlite|postgresql)(\+\w+)?://", value))


def _speech_servers(value: Any) -> Any:
    each = tuple(one for one in (value,) if one) if isinstance(value, str) else value
    if isinstance(each, tuple):
        for one in each:
            parts = urlsplit(one) if isinstance(one, str) else None
            if parts is None or parts.scheme not in ("ws", "wss") or not parts.hostname:
                raise ValueError(
                    f'{one!r} is no address of a speech server: write "ws://HOST:2700", or wss:// with TLS'
                )
    return each


Folder = Annotated[Path, Field(strict=False)]
"""A path, written as a text."""
Port = Annotated[int, Field(ge=0, le=65_535)]
Host = Annotated[
    str,
    Field(min_length=1, max_length=253),
    written(
        r"[A-Za-z0-9.-]+|[0-9A-Fa-f.]*(:[0-9A-Fa-f.]*){2,}",
        'a name or an address alone, as in "127.0.0.1"; a port has a key of its own',
    ),
]
HostName = Annotated[
    str,
    Field(max_length=253),
    written(
        r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?",
        'a name alone, as browsers ask for it: "desk.example.com", without https:// and port',
    ),
]
Weight = Annotated[float, Field(ge=0, le=10)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Days = Annotated[int, Field(ge=1, le=36_500)]
Points = Annotated[float, Field(ge=0, le=100)]
Named = Annotated[str, Field(min_length=1, max_length=200)]
SourceName = Annotated[str, written("[a-z][a-z0-9_]{0,31}", "a name of small letters, digits and _, as in shop")]
Source = Annotated[str, AfterValidator(_source)]
"""The address of a database or of a web service."""
DatabaseUrl = Annotated[str, AfterValidator(_database)]
Dotted = Annotated[str, written(r"([^.\s]+(\.[^.\s]+)*)?", 'names with a point between them, as in "data.customer"')]
Country = Annotated[
    str, written("[A-Z]{2}", 'the two capital letters of a country, as in "DE"'), AfterValidator(_country)
]
Currency = Annotated[
    str, written("[A-Z]{3}", 'the three capital letters of a currency, as in "EUR"'), AfterValidator(_currency)
]
Zone = Annotated[str, AfterValidator(_zone)]
ClockTime = Annotated[str, written("([01][0-9]|2[0-3]):[0-5][0-9]", 'a time from "00:00" to "23:59", as in "09:00"')]
"""An hour of the day, "09:00"."""
WebPath = Annotated[str, written("/.*", 'a path that begins with /, as in "/codes"')]
ShownNumber = Annotated[
    str, written(r"\+?[0-9]{0,20}", 'a number without spaces, as in "+49301234567"'), AfterValidator(_whole)
]
Beginning = Annotated[str, written(r"\+?[0-9]{1,15}", 'how numbers begin, as in "+49"')]
BeginningAbroad = Annotated[str, written(r"\+[0-9]{1,15}", 'how numbers begin, with their country, as in "+49"')]
SocketAddress = Annotated[
    str,
    written(r"(wss?://[A-Za-z0-9.\-\[\]:]+(/[A-Za-z0-9._/\-]*)?)?", 'an address as "wss://pbx.example.com:8089/ws"'),
]
IceServer = Annotated[
    str, written(r"(stun|stuns|turn|turns):[A-Za-z0-9.\-\[\]:?=]+", 'an address as "stun:stun.example.com:3478"')
]
SpeechServers = Annotated[tuple[str, ...], BeforeValidator(_speech_servers)]
"""One address or several; each a websocket's."""


def same_place(*hosts: str) -> bool:
    """Whether two addresses are of this machine, and one of them is every address that it has."""
    here = ("127.0.0.1", "localhost", "::1", "0.0.0.0", "::")  # noqa: S104  # nothing is opened here
    return all(host in here for host in hosts)
