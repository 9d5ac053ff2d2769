"""Tables as somebody writes them in TOML: a text is no number, a number no text, and 1 is not true."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field, model_validator

from ivr.wire.written.refusals import Unlike

STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)
"""For a table: unknown keys are mistakes, and nothing is taken for something else."""


def _lists(raw: Any) -> Any:
    return {key: _tuples(value) for key, value in raw.items()} if isinstance(raw, Mapping) else raw


def _tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_tuples, value))
    return {key: _tuples(one) for key, one in value.items()} if isinstance(value, dict) else value


lists_are_tuples = model_validator(mode="before")(_lists)
"""Beside STRICT in a table: TOML has lists where our tables have tuples."""


def _no(*kinds: type, like: str = "a number without quotes, as in 0.5") -> BeforeValidator:
    def check(value: Any) -> Any:
        if isinstance(value, kinds):
            raise Unlike(like)
        return value

    return BeforeValidator(check)


Amount = Annotated[Decimal, Field(strict=False), _no(str, bool)]
"""A number that is counted with exactly."""
Price = Annotated[Decimal, Field(strict=False), _no(bool)]
"""The same, which may be written as a text, too: "4.90"."""
Moment = Annotated[
    AwareDatetime, Field(strict=False), _no(int, float, like="a time with its zone, as in 2026-11-21T09:00:00+01:00")
]
"""A moment, which may be written as a text, too; a number is none."""
