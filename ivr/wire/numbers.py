"""Telephone numbers: whatever a network, a CSV file or a person writes, brought to E.164 where that is possible."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
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


DEAR = frozenset({
    phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST,
    phonenumbers.PhoneNumberType.UAN, phonenumbers.PhoneNumberType.PAGER, phonenumbers.PhoneNumberType.PERSONAL_NUMBER,
})  # fmt: skip
"""Kinds of numbers that earn money for whoever is called."""


def may_be_dialled(number: str, beginnings: Iterable[str], country: str) -> bool:
    """Whether the house calls a number that a stranger's telephone has shown.

    Only numbers that begin so, or without any beginnings those of the house's own country; only whole, valid numbers; and
    never one that costs more than a call: who shows such a number as theirs and asks to be called back lives on it.
    """
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False  # an extension, or nothing that can be dialled from outside
    # a number of the wrong length has no kind, and networks leave surplus digits out: it must be a whole number of somebody's
    if not phonenumbers.is_valid_number(parsed) or phonenumbers.number_type(parsed) in DEAR:
        return False
    if allowed := tuple(beginnings):
        return number.startswith(allowed)
    # the country, not its code: +1 is the Caribbean too, where calling back is a known trap
    return phonenumbers.region_code_for_number(parsed) == country


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
