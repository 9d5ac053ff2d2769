"""Telephone numbers: whatever a network, a file or a person writes, read as the one number that it is, or as none.

Nothing is made up: what has anything beside a number in it is no number, and what may be two is none either.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Iterable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, timezone

from ivr.core.told import short

LONGEST = 32
"""Signs of a number as it is written; E.164 has 15 digits."""
_WRITTEN = re.compile(
    r"(?P<plus>\+ ?)?[0-9 .-]{0,8}[ ./-]{0,3}"
    r"(?:\((?P<bracket>[0-9 ]{1,6})\)[ ./-]{0,3})?"  # "(030) …", "+49 (0) …"; whatever stands in brackets later is no part
    r"[0-9](?:[0-9 ./-]*[0-9])?"
)
_COUNTRY_IN_BRACKETS = re.compile(r"\(((?:\+|00)[0-9]{1,3})\)")
_SEPARATORS = re.compile(r"[ .()/-]")
_SOMETHING_ELSE = re.compile(
    r"\+?[0-9]+\.[0-9]{1,2}|[12][0-9]{3}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|([0-9]{1,2}[-/.]){2}[12][0-9]{3}"
)
"""An amount ("30901820.0", as spreadsheets write it), a date."""
_EXTENSION = re.compile(r"(?!0+$)[0-9]{1,6}")

COUNTRIES = frozenset(phonenumbers.SUPPORTED_REGIONS)
"""By their two letters of ISO 3166."""


_EMERGENCY = {
    "CN": "120", "HK": "999", "MO": "999", "TW": "119", "JP": "119", "KR": "119", "SG": "995", "MY": "999", "TH": "1669",
    "VN": "115", "PH": "911", "ID": "112", "IN": "112", "PK": "1122", "BD": "999", "LK": "1990", "NP": "102",
    "US": "911", "CA": "911", "MX": "911", "AR": "911", "CL": "131", "BR": "192", "CO": "123", "PE": "116", "EC": "911",
    "GB": "999", "IE": "112", "AU": "000", "NZ": "111", "ZA": "10177", "NG": "112", "KE": "999", "GH": "112", "MA": "150",
    "EG": "123", "SA": "997", "AE": "998", "IL": "101", "TR": "112", "RU": "112", "UA": "112", "CH": "144", "NO": "113",
}  # fmt: skip
"""Where one calls an ambulance, by country, from the countries' own pages; elsewhere 112, which every GSM phone knows."""


def emergency_number(country: str) -> str:
    """The number to call in ``country`` (ISO 3166, "DE") where somebody is in danger."""
    return _EMERGENCY.get(country.upper(), "112")


class NoNumber(ValueError):
    """What is written is not one telephone number; the message says why, for whoever has written it."""


def read_number(text: str, region: str) -> str:
    """A number as E.164 ("+8613800138000"), or an extension of the house as its one to six digits. Raises NoNumber.

    ``region`` is the ISO 3166 country that numbers without a country code belong to. Of several readings the valid one
    counts; where two are, none does.
    """
    line = _plain(text)
    written = _WRITTEN.fullmatch(line)
    if written is None or len(line) > LONGEST or _SOMETHING_ELSE.fullmatch(line):
        raise NoNumber(f"{short(text)!r} is no telephone number: write nothing beside it, as in +49 30 901820")
    before, slash, _ = line.rpartition("/")
    if slash and _is_valid(_parsed(_digits(before), region)):
        raise NoNumber(f'{short(text)!r} is more than one telephone number: part them with ";"')
    if written["bracket"] == "0" and not line.startswith("("):
        return _of_abroad(line, text)
    if _EXTENSION.fullmatch(line):
        return line
    return _one_of(_readings(_digits(line), region), text)


def normalise(text: str, region: str) -> str | None:
    """The same for what nobody can be asked about, a caller's number say: None where it is no number."""
    try:
        return read_number(text, region)
    except NoNumber:
        return None


def could_be_number(text: str) -> bool:
    """Whether there is nothing in it that no telephone number has, whatever the country: a SIP user's name is none."""
    line = _plain(text)
    return len(line) <= LONGEST and _WRITTEN.fullmatch(line) is not None


def _plain(text: str) -> str:
    """One sign for each thing: ASCII digits and marks, one kind of space and of dash, nothing that cannot be seen."""
    return _COUNTRY_IN_BRACKETS.sub(r"\1 ", "".join(map(_plain_sign, text.strip())).strip(), count=1)


def _plain_sign(sign: str) -> str:
    match unicodedata.category(sign):
        case "Cf":
            return ""  # marks of direction, joiners, soft hyphens: copied along from pages and address books
        case "Nd":
            return str(unicodedata.decimal(sign))
        case "Zs":
            return " "
        case "Pd":
            return "-"
    if sign == "\N{MINUS SIGN}":
        return "-"
    # of full width, but for the superscripts and fractions that Unicode would fold as well
    return chr(ord(sign) - 0xFEE0) if "\uff01" <= sign <= "\uff5e" else sign


def _digits(line: str) -> str:
    return _SEPARATORS.sub("", line)


def _of_abroad(line: str, text: str) -> str:
    """A number with its country and a zero in brackets, which is dialled in some countries and left out in others."""
    country, _, rest = line.partition("(0)")
    country = _digits(country).lstrip("+").removeprefix("00")
    return _one_of([f"+{country}{_digits(rest)}", f"+{country}0{_digits(rest)}"], text)


def _readings(digits: str, region: str) -> list[str]:
    """What a row of digits may be, each as E.164 or nearly: the only sure one, or all of them."""
    if digits.startswith("+"):
        return [digits]
    if len(digits) <= 6:
        return []  # an extension has nothing between its digits
    home = _parsed(digits, region)
    at_home = phonenumbers.format_number(home, PhoneNumberFormat.E164) if home else ""
    if home and (_is_valid(home) or re.match("0[^0]", digits)) and _as_at_home(home, digits):
        return [at_home]
    abroad = f"+{digits.removeprefix('00')}"
    own_code = str(phonenumbers.country_code_for_region(region))
    if digits.startswith(own_code) and _is_valid(_parsed(abroad, region)):
        # without the zero that numbers have at home it is the country's code
        return [abroad]
    return list({at_home: None, abroad: None}) if home else [abroad]


def _as_at_home(home: PhoneNumber, digits: str) -> bool:
    """Whether a number is written as one writes it in its own country, or dials it from there."""
    at_home = re.sub(r"[^0-9]", "", phonenumbers.format_number(home, PhoneNumberFormat.NATIONAL))
    return digits in (at_home, f"00{home.country_code}{home.national_number}")


def _one_of(readings: list[str], text: str) -> str:
    """The only reading that is a number; a valid one before one that is merely long enough. Raises NoNumber."""
    parsed = [one for one in (_parsed(reading, None) for reading in readings) if one is not None]
    sure = {phonenumbers.format_number(one, PhoneNumberFormat.E164) for one in parsed if _is_valid(one)}
    if not sure and len(readings) == 1:
        # the tables are never quite new, and there is no other way to read it
        sure = {phonenumbers.format_number(one, PhoneNumberFormat.E164) for one in parsed if _is_long_enough(one)}
    if len(sure) == 1:
        return sure.pop()
    if sure:
        raise NoNumber(
            f"{short(text)!r} may be {' or '.join(sorted(sure))}: write it with its country, as one of these"
        )
    raise NoNumber(f"{short(text)!r} is no whole telephone number of any country")


def _parsed(number: str, region: str | None) -> PhoneNumber | None:
    """A row of digits as the library has it: it would take letters for keys, and leave out what it does not know."""
    if not re.fullmatch(r"\+?[0-9]+", number):
        return None
    try:
        return phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None


def _is_valid(number: PhoneNumber | None) -> bool:
    return number is not None and phonenumbers.is_valid_number(number)


def _is_long_enough(number: PhoneNumber) -> bool:
    return phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE


def is_whole(number: str) -> bool:
    """Whether a number with its country ("+49…") is as long as numbers there are; "+49301" lacks its end."""
    parsed = _parsed(number, None)
    return parsed is not None and _is_long_enough(parsed)


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
    parsed = _parsed(number, None)
    # a number of the wrong length has no kind, and networks leave surplus digits out: it must be a whole number of somebody's
    if parsed is None or not _is_valid(parsed) or phonenumbers.number_type(parsed) in DEAR:
        return False
    if _rings_help(parsed):
        return False
    if allowed := tuple(beginnings):
        return number.startswith(allowed)
    # the country, not its code: +1 is the Caribbean too, where calling back is a known trap
    return phonenumbers.region_code_for_number(parsed) == country


def _rings_help(number: phonenumbers.PhoneNumber) -> bool:
    """Whether it is a short number for emergencies behind an area code, which some exchanges put through all the same."""
    region = phonenumbers.region_code_for_number(number) or ""
    national = phonenumbers.national_significant_number(number)
    local = national[phonenumbers.length_of_geographical_area_code(number) :]
    return bool(region) and phonenumbers.is_emergency_number(local, region)


def zones_of(number: str, otherwise: ZoneInfo) -> tuple[ZoneInfo, ...]:
    """The time zones that a number may be in, by the tables of libphonenumber; ``otherwise`` where they know none."""
    parsed = _parsed(number, None)
    names = timezone.time_zones_for_number(parsed) if parsed else ()
    found = []
    for name in names:
        with contextlib.suppress(ZoneInfoNotFoundError):  # "Etc/Unknown", or one that this machine has not heard of
            if name != timezone.UNKNOWN_TIMEZONE:
                found.append(ZoneInfo(name))
    return tuple(found) or (otherwise,)


def at_home(number: str) -> str | None:
    """The digits of a number ("+49171…") as it is said in its own country, "0171…"; None where it is none."""
    parsed = _parsed(number, None)
    return re.sub(r"[^0-9]", "", phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)) if parsed else None


def region_of(number: str) -> str | None:
    """The country of a number (ISO 3166)."""
    parsed = _parsed(number, None)
    return phonenumbers.region_code_for_number(parsed) if parsed else None


def readable(number: str) -> str:
    """A number with spaces where people put them."""
    parsed = _parsed(number, None)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL) if parsed else number
