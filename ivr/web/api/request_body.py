"""What comes in, before it is looked at: JSON only, bounded in length and depth, nothing said twice."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ValidationError

from ivr.core import texts
from ivr.web.api.faults import faults
from ivr.web.problems import Fault, Problem

DEPTH = 12
"""Brackets within brackets; the deepest model of ours has four."""

NO_BODY = texts.text("api.body.unexpected")
ENCODED = texts.text("api.body.encoded")
NOT_JSON = texts.text("api.body.not_json")
NOT_UTF8 = texts.text("api.body.not_utf8")
NOT_AN_OBJECT = texts.text("api.body.not_an_object")
TOO_DEEP = texts.text("api.body.too_deep", depth=DEPTH)
UNKEPT = texts.text("api.body.unkept")
TWICE = texts.text("api.body.twice")


async def read_body(request: web.Request, expected: bool) -> bytes:
    """The body, which is JSON as it should be; empty where none is expected. Raises ``Problem``."""
    if not expected:
        # A length of 0 is no body; a body of an unknown length is one.
        if request.body_exists and request.content_length != 0:
            raise Problem(400, NO_BODY)
        return b""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem(415, ENCODED)
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() not in ("utf-8", "utf8"):
        raise Problem(415, NOT_JSON)
    raw = await request.read()
    _look_at(raw)
    return raw


def read_query(request: web.Request, model: type[BaseModel] | None) -> BaseModel | None:
    """The parameters of the address. Raises ``Problem``."""
    query = request.query
    known = model.model_fields if model else {}
    unknown = (
        texts.text("api.body.unknown_parameter", known=", ".join(known)) if known else texts.text("api.body.none_known")
    )
    wrong = [Fault(unknown, parameter=name[:100]) for name in dict.fromkeys(query) if name not in known]
    wrong += [
        Fault(TWICE, parameter=name[:100])
        for name, times in Counter(name for name, _ in query.items()).items()
        if times > 1
    ]
    if any("\x00" in value or _has_surrogate(value) for value in query.values()):
        raise Problem(422, UNKEPT)
    if wrong:
        raise Problem(422, faults=wrong)
    try:
        return model.model_validate(dict(query)) if model else None
    except ValidationError as error:
        raise Problem(422, faults=faults(error, model, dict(query), in_query=True)) from None


class _Twice(ValueError):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _look_at(raw: bytes) -> None:
    """Whatever a lenient reader would let pass."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem(400, NOT_UTF8) from None
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse, parse_float=_finite)
    except _Twice as twice:
        name = json.dumps(twice.name[:40], ensure_ascii=True)
        raise Problem(400, texts.text("api.body.name_twice", name=name)) from None
    except RecursionError:
        raise Problem(400, TOO_DEEP) from None
    except ValueError as error:
        at = (
            f" ({error.msg}, line {error.lineno}, column {error.colno})"
            if isinstance(error, json.JSONDecodeError)
            else ""
        )
        raise Problem(400, texts.text("api.body.broken_json", at=at)) from None
    if not isinstance(value, dict):
        raise Problem(422, NOT_AN_OBJECT, [Fault(NOT_AN_OBJECT, pointer="#")])
    _walk(value)


def _walk(value: Any) -> None:
    layer = [value]
    for _ in range(DEPTH + 1):
        deeper: list[Any] = []
        for one in layer:
            if isinstance(one, str) and ("\x00" in one or _has_surrogate(one)):
                raise Problem(422, UNKEPT)
            if isinstance(one, dict):
                deeper += [*one.keys(), *one.values()]
            elif isinstance(one, list):
                deeper += one
        if not deeper:
            return
        layer = deeper
    raise Problem(400, TOO_DEEP)


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _Twice(next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1))
    return made


def _refuse(name: str) -> None:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    return number
