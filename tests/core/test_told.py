"""Guesses, lists and files in the sentences that operators read."""

from __future__ import annotations

import errno

import pytest

from ivr.core.told import MOST_KNOWN, known, listed, meant, no_such, problems_of, short


def test_guess_only_where_something_is_close() -> None:
    assert meant("order", ("orders", "billing")) == "; did you mean 'orders'?"
    assert meant("ORDERS", ("orders",)) == "; did you mean 'orders'?"
    assert meant("repairs", ("orders", "billing")) == meant("x", ()) == ""


def test_names_that_there_are() -> None:
    assert no_such("queue", "order", ("orders", "billing")) == (
        "there is no queue 'order'; did you mean 'orders'? Known are orders, billing"
    )
    assert no_such("queue", "x", ("orders",)) == "there is no queue 'x'; known are orders"
    assert no_such("queue", "x", ()) == "there is no queue 'x', and none at all"
    assert known([str(n) for n in range(MOST_KNOWN + 2)]).endswith("13, 14 and 2 more")
    assert (listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])) == ("a", "a and b", "a, b and c")


def test_what_is_said_back_is_short_and_holds_no_password() -> None:
    assert short("postgresql://ivr:hunter2@db/ivr") == "postgresql://ivr:…@db/ivr"
    assert len(short("x" * 1000)) < 70


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOENT, "No such file or directory", "a.csv"), "a.csv: there is no such file or folder"),
        (OSError(errno.EACCES, "Permission denied", "a.csv"), "a.csv: this user may not read or write it"),
        (OSError(errno.EIO, "Input/output error", "a.csv"), "a.csv: cannot be used: Input/output error"),
    ],
)
def test_files_that_cannot_be_had(error: OSError, sentence: str) -> None:
    assert problems_of(error) == [sentence]
