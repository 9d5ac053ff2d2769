"""Phones as Asterisk names them: the interface that is rung, and the channels that come of it, brought together or refused."""

from __future__ import annotations

import re

_ENDPOINT, _HEX, _COUNTED = r"[^/@&,;]+", r"-[0-9a-f]{8}(;[12])?$", r"-[0-9]+$"
_PHONES: dict[str, tuple[str, str]] = {
    "PJSIP": (_ENDPOINT, _HEX), "SIP": (_ENDPOINT, _HEX), "SCCP": (_ENDPOINT, _HEX),
    "IAX2": (_ENDPOINT, _COUNTED), "DAHDI": (r"[0-9]+", _COUNTED),
    "LOCAL": (rf"{_ENDPOINT}@{_ENDPOINT}(/[a-zA-Z]+)?", _HEX),
}  # fmt: skip
"""Technology → how one phone is written, and what Asterisk hangs to it for a channel.

Whatever else may be dialled (a trunk, a group, an address beside the endpoint) names its channels by something else, so nobody
could tell whose phone rings.
"""


def followed(interface: str) -> bool:
    """Whether the channels of an interface can be told to be its own."""
    technology, _, rest = interface.partition("/")
    form = _PHONES.get(technology.upper())
    return form is not None and re.fullmatch(form[0], rest) is not None


def interface_of(channel: str) -> str:
    """The interface that a channel belongs to: ``PJSIP/1001-0000002a`` → ``PJSIP/1001``, ``IAX2/ben-4711`` → ``IAX2/ben``."""
    form = _PHONES.get(channel.partition("/")[0].upper())
    return re.sub(form[1] if form else _HEX, "", channel)


def plain(interface: str) -> str:
    """An interface without options and case: ``Local/1001@phones/n`` and the channels made of it are the same phone."""
    if interface[:6].lower() == "local/":
        interface = re.sub(r"/[a-zA-Z]+$", "", interface)
    return interface.lower()
