"""Telephone numbers: whatever a network, a CSV file or a person writes, brought to E.164 where that is possible."""

from __future__ import annotations

import contextlib
import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import timezone


def normalise(number: str, region: str) -> str:
    """A number as E.164 ("+8613800138000"); an internal extension or something odd as its digits.

    ``region`` is the ISO 3166 country that numbers without a country code belong to.
    """
    text = number.strip()
    if re.fullmatch(r"[0-9]{1,6}", text):
        return text  # an extension of the house
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return re.sub(r"[^0-9+]", "", text)
    if phonenumbers.is_possible_number(parsed):
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return re.sub(r"[^0-9+]", "", text)


def zones_of(number: str, otherwise: ZoneInfo) -> tuple[ZoneInfo, ...]:
    """The time zones that a number may be in, by the tables of libphonenumber; ``otherwise`` where they know none."""
    try:
        names = timezone.time_zones_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        names = ()
    found = []
    for name in names:
        with contextlib.suppress(ZoneInfoNotFoundError):  # "Etc/Unknown", or one that this machine has not heard of
            if name != timezone.UNKNOWN_TIMEZONE:
                found.append(ZoneInfo(name))
    return tuple(found) or (otherwise,)


def readable(number: str) -> str:
    """A number with spaces where people put them."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return number
