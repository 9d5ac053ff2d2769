"""A customer as another system's JSON tells of them: found by dotted paths, checked field by field, believed nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ivr.core.caller import Case, Order, Record
from ivr.core.language import LANGUAGES
from ivr.wire.customers.rows import NOTE_CHARS, CaseRow, CustomerRow, OrderRow, Row, in_our_words
from ivr.wire.written.refusals import refusals

MOST_OF_EACH = 50
"""Orders and cases of one customer that are read."""
MOST_PROBLEMS = 10
CUSTOMER_FIELDS = (
    "id", "name", "language", "tier", "vip", "region", "salutation", "salutation_zh", "email", "note", "orders", "cases",
)  # fmt: skip
ORDER_FIELDS = ("id", "product", "status", "ordered_at", "due_at", "amount")
CASE_FIELDS = ("id", "subject", "status", "opened_at", "intent", "queue", "order_id")
_YES = frozenset({"true", "yes", "y", "1"})
_NOTHING = object()


class RecordUnusable(Exception):
    """Nobody can be made of it; the message says what is missing or wrong, never what it was."""


class SeveralCustomers(RecordUnusable):
    """The number is of more than one: greeting one of them by name would be a guess."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """Where each of our fields stands in their JSON; a field that is not named here stands under its own name.

    Once a field of a table is named, only those that are named are read.
    """

    record: str = ""
    """The path to the customer, or to a list with at most one, in the whole answer."""
    fields: Mapping[str, str] = field(default_factory=dict)
    order_fields: Mapping[str, str] = field(default_factory=dict)
    case_fields: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    """Their words for tiers, states and languages → ours."""


def at(value: Any, path: str) -> Any:
    """What stands at a dotted path, "customer.phones.0"; a mark of our own where nothing does."""
    for step in path.split(".") if path else ():
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isascii() and step.isdigit() and len(step) < 6 and int(step) < len(value):
            value = value[int(step)]
        else:
            return _NOTHING
    return value


def read_record(answer: Any, mapped: Mapped, problem: Callable[[str], None]) -> Record | None:
    """The customer in an answer; None when it says that nobody has this number. Raises RecordUnusable.

    ``problem`` is told of each field that was left out, by its place and without its value.
    """
    found = at(answer, mapped.record)
    if found is _NOTHING:
        raise RecordUnusable(f"there is nothing at {mapped.record!r}")
    if isinstance(found, list):
        if len(found) > 1:
            raise SeveralCustomers(f"{len(found)} customers have this number")
        found = found[0] if found else None
    if found is None:
        return None
    if not isinstance(found, dict):
        raise RecordUnusable("the customer is no object")
    told = _told(found, mapped.fields, CUSTOMER_FIELDS, mapped.words)
    orders, cases = told.pop("orders", None), told.pop("cases", None)
    vip = told.pop("vip", None)
    if isinstance(vip, str) and vip.lower() in _YES:
        told["tier"] = "vip"
    say = _Said(problem)
    row = _checked(CustomerRow, told, "", say)
    if row is None:
        raise RecordUnusable("; ".join(say.told[:MOST_PROBLEMS]))
    fields = row.model_dump(include=set(told) - {"id"})
    bought, _ = _list(OrderRow, orders, "orders", row.id, mapped.order_fields, mapped.words, say)
    opened, whole = _list(CaseRow, cases, "cases", row.id, mapped.case_fields, mapped.words, say)
    return Record(row.id, fields, tuple(Order(**one) for one in bought), tuple(Case(**one) for one in opened), whole)


class _Said:
    """Passes a few problems on, and keeps them."""

    def __init__(self, problem: Callable[[str], None]) -> None:
        self._problem = problem
        self.told: list[str] = []

    def __call__(self, what: str) -> None:
        self.told.append(what)
        if len(self.told) <= MOST_PROBLEMS:
            self._problem(what)


def _told(
    found: dict[str, Any], paths: Mapping[str, str], known: tuple[str, ...], words: Mapping[str, str]
) -> dict[str, Any]:
    """Our fields with what is told of them, as text where it is text; what is not there is not told."""
    told: dict[str, Any] = {}
    for name in known:
        path = paths.get(name) if paths else name
        value = at(found, path) if path else _NOTHING
        if value is _NOTHING:
            continue
        told[name] = value if name in ("orders", "cases") else _plain(name, value, words)
    if told.get("language") not in (None, "", *LANGUAGES):
        del told["language"]  # one that this house does not speak
    return told


def _plain(name: str, value: Any, words: Mapping[str, str]) -> Any:
    """Numbers and truth as text, text in one line; anything else as it is, to be refused."""
    if isinstance(value, bool):
        value = str(value).lower()
    if isinstance(value, int) and abs(value) < 10**18:
        value = str(value)
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    return in_our_words(name, value[: NOTE_CHARS * 10], words)


def _checked(model: type[Row], told: dict[str, Any], where: str, problem: Callable[[str], None]) -> Any:
    """The row without the fields that are wrong; None when it cannot be without one of them."""
    for _ in range(2):
        try:
            return model.model_validate(told)
        except ValidationError as error:
            wrong = refusals(error, model, say_values=False)
        for one in wrong:
            problem(f"{where}{one.path[0]}: {one.what}")
            told.pop(one.path[0], None)
        if any(model.model_fields[one.path[0]].is_required() for one in wrong):
            return None
    return None


def _list(
    model: type[Row],
    listed: Any,
    where: str,
    customer: str,
    paths: Mapping[str, str],
    words: Mapping[str, str],
    problem: Callable[[str], None],
) -> tuple[list[dict[str, Any]], bool]:
    """The rows of a list that are right, each once, and whether they are all that there are."""
    if listed is None:
        return [], False
    if not isinstance(listed, list):
        problem(f"{where}: no list")
        return [], False
    known = ORDER_FIELDS if model is OrderRow else CASE_FIELDS
    rows: dict[str, dict[str, Any]] = {}
    whole = len(listed) <= MOST_OF_EACH
    for number, one in enumerate(listed[:MOST_OF_EACH]):
        if not isinstance(one, dict):
            problem(f"{where}.{number}: no object")
            whole = False
            continue
        told = _told(one, paths, known, words)
        if model is CaseRow:
            told.setdefault("status", "open")
        row = _checked(model, {**told, "customer_id": customer}, f"{where}.{number}.", problem)
        if row is None:
            whole = False
        else:
            values = row.model_dump(exclude={"customer_id"})
            rows[values["id"]] = values
    return list(rows.values()), whole
