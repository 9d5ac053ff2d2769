"""What an address of a receiver must look like, told when it is set and not when the first event cannot be sent."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from ivr.wire.webhooks.public_addresses import is_public

Odd = Literal["scheme", "host", "userinfo", "port", "zone", "fragment", "signs", "not_safe", "not_public"]
"""What is wrong with an address; ``api.webhooks.…`` has a sentence for each."""
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
_LONGEST_HOST, _LAST_PORT = 253, 65_535


def odd(url: str, allow_private: bool) -> Odd | None:
    """Why nothing can be sent to an address; None: it can, as far as can be told before it is."""
    if re.search(r"[^!-~]|[\\<>\"^`{|}]", url):
        return "signs"
    scheme, mark, _ = url.partition("://")
    if not mark or scheme.lower() not in ("http", "https"):
        return "scheme"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:  # brackets that belong to no address
        return "host"
    return (
        _part(parts.netloc, host)
        or ("fragment" if "#" in url else None)
        or (None if allow_private else _private(scheme.lower(), host))
    )


_PLACE = re.compile(r"(?:\[[^\[\]]*\]|[^:\[\]]*)(?P<colon>:(?P<port>.*))?")


def _part(netloc: str, host: str) -> Odd | None:
    if "@" in netloc:
        return "userinfo"
    if "[" in netloc and "%" in netloc:
        return "zone"
    place = _PLACE.fullmatch(netloc)
    if place is None or not _is_host(host):
        return "host"
    # neither nothing nor leading zeros: no reader agrees with another on them
    right = not place["colon"] or (re.fullmatch(r"[1-9][0-9]{0,4}", place["port"]) and int(place["port"]) <= _LAST_PORT)
    return None if right else "port"


def _is_host(host: str) -> bool:
    try:
        ip_address(host)
        return True
    except ValueError:
        pass
    labels = host.removesuffix(".").split(".")
    if len(host) > _LONGEST_HOST or not all(map(_LABEL.fullmatch, labels)):
        return False
    # "0x7f.1", "2130706433": what ends in a number is an address to some readers, and a name to others
    return _NUMBER.fullmatch(labels[-1]) is None


def _private(scheme: str, host: str) -> Odd | None:
    if scheme != "https":
        return "not_safe"
    try:
        public = is_public(host)
    except ValueError:
        plain = host.removesuffix(".")
        public = plain != "localhost" and not plain.endswith(".localhost")
    return None if public else "not_public"
