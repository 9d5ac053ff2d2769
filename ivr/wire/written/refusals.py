"""What pydantic has found wrong with what somebody wrote, in our words: where, what stands there, what would be right."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ValidationError

from ivr.core.told import known, meant, short

SEVERAL = "a list of tables"
_CHOICE = re.compile(r"'([^']*)'|\b(True|False|\d+)\b")


class Unlike(ValueError):
    """A text that does not look like what is needed; the message is what would be right."""


def written(pattern: str, right: str) -> AfterValidator:
    """A text that must look like ``pattern`` as a whole; ``right`` says it: 'a language and a country, as in "de-CH"'."""
    form = re.compile(pattern)

    def check(value: str) -> str:
        if not form.fullmatch(value):
            raise Unlike(right)
        return value

    return AfterValidator(check)


class At(ValueError):
    """Raised by a table's own check: something is wrong with one of its keys ("url", or "web.port" further down)."""

    def __init__(self, key: str, what: str) -> None:
        super().__init__(what)
        self.key = key


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that is wrong."""

    path: tuple[str, ...]
    """The key, by the names of the tables that it stands in."""
    what: str


def refusals(error: ValidationError, model: type[BaseModel], say_values: bool = True) -> list[Refusal]:
    """Everything that pydantic has found wrong with a table of ``model``, one for each place.

    Without ``say_values`` nothing of what was written is said back: what customers' systems tell of people stays out of logs.
    """
    found: dict[tuple[str, ...], Refusal] = {}
    for wrong in error.errors(include_url=False):
        path = tuple(str(part) for part in wrong["loc"] if part != "[key]")
        own = wrong.get("ctx", {}).get("error")
        path += tuple(own.key.split(".")) if isinstance(own, At) else ()
        found.setdefault(path, Refusal(path, _sentence(dict(wrong), path, model, say_values)))
    return list(found.values())


def _sentence(wrong: Mapping[str, Any], path: tuple[str, ...], model: type[BaseModel], say_values: bool) -> str:
    kind, value, context = str(wrong["type"]), wrong["input"], wrong.get("ctx", {})
    shown = _shown(value) if say_values else "what stands there"
    own = context.get("error")
    if isinstance(own, Unlike):
        return f"{shown} is not right here: write {own}"
    if kind == "extra_forbidden":
        return _unknown(path, model, isinstance(value, Mapping))
    if kind == "value_error":
        return str(own or wrong["msg"].removeprefix("Value error, "))
    if kind == "literal_error":
        return _none_of(shown, value if say_values else None, str(context["expected"]))
    if isinstance(value, float) and not math.isfinite(value):
        kind = "finite_number"
    say = next((say for names, say in _SENTENCES if kind in names), _other)
    return say(shown, context)


def _shown(value: Any) -> str:
    """A value as it stands in TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return SEVERAL if value and all(isinstance(one, Mapping) for one in value) else "a list"
    return short(value.isoformat() if isinstance(value, date | time) else repr(value))


def _unknown(path: tuple[str, ...], model: type[BaseModel], is_table: bool) -> str:
    there = fields(model, path[:-1])
    tables = [f"[{name}]" for name in model.model_fields if path[-1] in fields(model, (name,))]
    if len(path) == 1 and not is_table and tables:
        return f"stands outside of any table: write it below {' or '.join(tables)}"
    guess = meant(path[-1], there)
    # with a guess the others are there for completeness, without one they are all there is
    others = known(there) if guess else ", ".join(there)
    listed = f"{' Known' if guess else '; known'} here are {others}" if there else ""
    return f"there is no such {'table' if is_table and len(path) == 1 else 'key'}{guess}{listed}"


def _none_of(shown: str, value: Any, expected: str) -> str:
    choices = [text or plain.lower() for text, plain in _CHOICE.findall(expected)]
    if len(choices) == 1:
        return f"{shown} is not right here: write {choices[0]}, or leave it out"
    guess = meant(value, choices) if isinstance(value, str) else ""
    return f"{shown} is none of {known(choices)}{guess}"


def fields(model: Any, path: tuple[str, ...]) -> list[str]:
    """The keys that may stand in the table at ``path``; none where any may."""
    for part in path:
        model = _plain(model)
        if isinstance(model, type) and issubclass(model, BaseModel):
            model = model.model_fields[part].annotation if part in model.model_fields else None
        else:
            model = next(iter(get_args(model)[-1:] if get_origin(model) is dict else get_args(model)), None)
    model = _plain(model)
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _plain(annotation: Any) -> Any:
    """A type without None and without what is noted beside it."""
    while get_origin(annotation) in (Union, UnionType, Annotated):
        annotation = next(one for one in get_args(annotation) if one is not type(None))
    return annotation


def _too_short(value: str, context: Mapping[str, Any]) -> str:
    if context["min_length"] == 1:
        return "is empty, and something must stand here"
    return f"{value} is too short: it must have {context['min_length']} characters or more"


def _no_table(value: str) -> str:
    if value == SEVERAL:
        return "stands there several times: write one table, with one pair of brackets"
    return f"{value} is no table, and one is needed"


_Say = Callable[[str, Mapping[str, Any]], str]
_SENTENCES: tuple[tuple[tuple[str, ...], _Say], ...] = (
    (("missing",), lambda v, c: "is missing, and must be written"),
    (("greater_than_equal",), lambda v, c: f"{v} is too small: it must be {c['ge']:g} or more"),
    (("greater_than",), lambda v, c: f"{v} is too small: it must be more than {c['gt']:g}"),
    (("less_than_equal",), lambda v, c: f"{v} is too large: it must be {c['le']:g} or less"),
    (("less_than",), lambda v, c: f"{v} is too large: it must be less than {c['lt']:g}"),
    (("finite_number",), lambda v, c: f"{v} is no number that can be counted with"),
    (
        ("int_type", "int_parsing", "int_from_float", "int_parsing_size"),
        lambda v, c: f"{v} is no whole number: write one without quotes, as in 5",
    ),
    (
        ("float_type", "float_parsing", "decimal_type", "decimal_parsing"),
        lambda v, c: f"{v} is no number: write one without quotes, as in 0.5",
    ),
    (("decimal_max_places",), lambda v, c: f"{v} has too many digits behind the point: {c['decimal_places']} at most"),
    (("bool_type", "bool_parsing"), lambda v, c: f"{v} is neither true nor false: write one of them, without quotes"),
    (("string_type", "path_type"), lambda v, c: f"{v} is no text: write it between quotes"),
    (("dict_type", "model_type", "mapping_type", "model_attributes_type"), lambda v, c: _no_table(v)),
    (("tuple_type", "list_type"), lambda v, c: f"{v} is no list: write it between brackets, as in [\"one\", \"two\"]"),
    (("string_too_short",), _too_short),
    (("string_too_long",), lambda v, c: f"is too long: it may have {c['max_length']} characters at most"),
    (("string_unicode",), lambda v, c: "has a sign that is no character: write it anew"),
    (("too_short",), lambda v, c: f"has too few entries: {c['min_length']} or more are needed"),
    (("too_long",), lambda v, c: f"has too many entries: {c['max_length']} at most"),
    (("timezone_aware",), lambda v, c: f"{v} has no time zone: write it as in 2026-11-21T09:00:00+01:00"),
    (
        ("datetime_type", "datetime_parsing", "datetime_from_date_parsing", "datetime_object_invalid"),
        lambda v, c: f"{v} is no time: write it as in 2026-11-21T09:00:00+01:00",
    ),
)  # fmt: skip


def _other(value: str, context: Mapping[str, Any]) -> str:
    """For whatever we have no sentence of our own: pydantic's own would be in its words and not in ours."""
    return f"{value} cannot be used here: see the same key in the project's own file"
