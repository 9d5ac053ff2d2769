"""Telephone numbers: whatever a network, a CSV file or a person writes, brought to E.164 where that is possible."""

from __future__ import annotations

import re

import phonenumbers


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


def readable(number: str) -> str:
    """A number with spaces where people put them."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return number
