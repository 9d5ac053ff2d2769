"""What an error of a database means: that the data is wrong, that the moment is, or that we are.

Drivers have no common names for it. PostgreSQL's SQLSTATE has classes (PostgreSQL documentation, appendix A), SQLite has result
codes (sqlite.org/rescode.html). Only what says in so many words that the data is wrong counts as that: a fault of the moment
taken for one of the data loses what could have been written a minute later.
"""

from __future__ import annotations

from asyncpg import InterfaceError as AsyncpgInterfaceError
from asyncpg import PostgresError
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnection

AWAY = (OSError, PostgresError, AsyncpgInterfaceError, NoConnection)
"""What comes as it is while there is no connection, beside errors of statements."""
_DATA = ("22", "23")
_OURS = ("42", "0A", "P0")
"""A statement that is wrong, something that this server cannot do, and what our own triggers raise."""
_SQLITE_DATA = frozenset({18, 19, 20, 25})
"""SQLITE_TOOBIG, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_RANGE."""


def is_of_the_data(error: DBAPIError) -> bool:
    """Whether the same data can never be written."""
    if isinstance(error, IntegrityError) or isinstance(getattr(error.orig, "__cause__", None), ValueError):
        # asyncpg calls what it cannot send a ValueError, and SQLAlchemy that an InterfaceError
        return True
    state, code = _state(error), getattr(error.orig, "sqlite_errorcode", None)
    return state[:2] in _DATA or (code is not None and code & 0xFF in _SQLITE_DATA)


def is_of_the_moment(error: DBAPIError) -> bool:
    """Whether it may well be written in a while: everything that is no fault of the data or of a statement."""
    if error.connection_invalidated:
        return True
    return not (is_of_the_data(error) or isinstance(error, ProgrammingError) or _state(error)[:2] in _OURS)


def _state(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or "")
