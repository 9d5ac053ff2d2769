"""Failures that whoever runs the server can mend: they are told in a sentence each, never as a traceback."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

MOST_KNOWN = 15
"""Names that are listed in one sentence."""
MOST_SHOWN = 60
"""Signs of what somebody wrote that are said back."""
_PASSWORD = re.compile(r"(://[^:/@\s]*:)[^/@\s]*@")
_OF_FILES = {
    errno.ENOENT: "there is no such file or folder",
    errno.EACCES: "this user may not read or write it",
    errno.EPERM: "this user may not read or write it",
    errno.EISDIR: "is a folder, and a file is needed",
    errno.ENOTDIR: "is a file, or lies in one, and a folder is needed",
    errno.EEXIST: "is there already",
    errno.ENOSPC: "there is no room left on its disk",
    errno.EROFS: "lies on a disk that can only be read",
    errno.ENAMETOOLONG: "has too long a name",
    errno.ELOOP: "is a link that leads to itself",
}


FOR_GOOD = 78
"""The exit code (EX_CONFIG of sysexits.h) of what would end the same way again: the watchdog does not start it once more."""


class Told(Exception):
    """Its text, or each of its ``problems`` where it has several, is for an operator to read."""


def problems_of(error: BaseException) -> list[str]:
    """What an error says, a sentence a problem."""
    if isinstance(error, UnicodeDecodeError):
        return [f"a file is not UTF-8 text (byte {error.object[error.start]:#04x} at position {error.start})"]
    if isinstance(error, OSError) and error.filename:
        return [f"{error.filename}: {why(error)}"]
    return list(getattr(error, "problems", [str(error)]))


def leaves(error: BaseException) -> list[BaseException]:
    """What went wrong itself: the error, or each of those that a group holds."""
    if not isinstance(error, BaseExceptionGroup):
        return [error]
    return [leaf for one in error.exceptions for leaf in leaves(one)]


def why(error: Exception) -> str:
    """Why a file cannot be had, in our words where we have some."""
    if isinstance(error, UnicodeDecodeError):
        return "is no UTF-8 text: save it as UTF-8"
    if not isinstance(error, OSError):
        return "is not what is needed, or is damaged"
    return _OF_FILES.get(error.errno or 0) or f"cannot be used: {error.strerror or error}"


def meant(name: str, known: Iterable[str], like: float = 0.65) -> str:
    """'; did you mean "orders"?' where a known name is close (``like``: 1 is the same), else nothing."""
    by_letters = {one.lower(): one for one in known}
    close = get_close_matches(name.lower(), by_letters, 1, like)
    return f"; did you mean {by_letters[close[0]]!r}?" if close else ""


def short(text: str) -> str:
    """What somebody wrote, to be said back: without a password of an address, and not too long."""
    text = _PASSWORD.sub(r"\1…@", text)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


def known(names: Iterable[str]) -> str:
    """The names that there are; of many the first ones, and how many there are beside them."""
    every = list(names)
    more = f" and {len(every) - MOST_KNOWN} more" if len(every) > MOST_KNOWN else ""
    return ", ".join(every[:MOST_KNOWN]) + more


def no_such(kind: str, name: str, names: Iterable[str]) -> str:
    """There is no queue 'order'; did you mean 'orders'? Known are billing, orders."""
    every = list(names)
    if not every:
        return f"there is no {kind} {name!r}, and none at all"
    guess = meant(name, every)
    return f"there is no {kind} {name!r}{guess}{' Known' if guess else '; known'} are {known(every)}"


def listed(names: Sequence[str]) -> str:
    """All of several: "prompt, again and next"."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
