"""What a model has found wrong, as sentences in both languages, each with the place where it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from ivr.core import texts
from ivr.core.language import Text
from ivr.web.problems import Fault

MOST = 20
"""Sentences in one answer."""
FORMS: dict[str, Text] = {}
"""What a text must look like, by its pattern; the modules with the models fill it."""
_SENTENCES = texts.family("api.kind")
"""By pydantic's name of what is wrong."""
_OR = texts.text("api.fault.or")
_ALIKE = {
    "int_parsing": "int_type", "int_from_float": "int_type", "bool_parsing": "bool_type", "int_parsing_size": "int_type",
}  # fmt: skip
TIME = texts.text("api.fault.time")
_OBJECT = texts.text("api.fault.object")
_EMPTY = texts.text("api.fault.empty")
_OTHER = texts.text("api.fault.other")
_UNFIT = texts.text("api.fault.unfit")


class Wrong(ValueError):
    """Raised by a model's own checks, with a sentence in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text["en"])
        self.text = text


def faults(error: ValidationError, model: type[BaseModel] | None, sent: Any, in_query: bool = False) -> list[Fault]:
    """Every fault with its place in what was sent, up to MOST of them; ``sent`` is the value that JSON or the query gave."""
    found: dict[tuple[str, ...], Fault] = {}
    for wrong in error.errors(include_url=False, include_input=False):
        place = _place(wrong["loc"], sent, wrong["type"] == "missing")
        # where something may be of several kinds, the first is what is meant, and not "or else nothing"
        if tuple(place) in found or len(found) >= MOST:
            continue
        text = _text(dict(wrong), model)
        where = {"parameter": ".".join(place)[:100]} if in_query else {"pointer": _pointer(place)}
        found[tuple(place)] = Fault(text, **where)
    return list(found.values())


def _place(location: tuple[int | str, ...], sent: Any, missing: bool) -> list[str]:
    """Where it is, by the sender's own names: pydantic puts the kinds and checks between them that it has tried."""
    place = []
    for number, part in enumerate(location):
        last = number == len(location) - 1
        if isinstance(sent, Mapping) and isinstance(part, str) and (part in sent or (missing and last)):
            sent = sent.get(part)
        elif isinstance(sent, Sequence) and not isinstance(sent, str) and isinstance(part, int):
            sent = sent[part] if part < len(sent) else None
        else:
            continue
        place.append(str(part))
    return place


def _pointer(place: list[str]) -> str:
    parts = (part[:100].replace("~", "~0").replace("/", "~1") for part in place)
    return "#" + "".join(f"/{quote(part, safe='~!$&()*+,;=:@-._')}" for part in parts)


def _text(wrong: Mapping[str, Any], model: type[BaseModel] | None) -> Text:
    kind, context = _ALIKE.get(wrong["type"], wrong["type"]), wrong.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(model, wrong["loc"])
    if kind == "value_error" and isinstance(context.get("error"), Wrong):
        text: Text = context["error"].text
        return text
    if kind == "string_pattern_mismatch":
        return FORMS.get(context["pattern"], _UNFIT)
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return _OBJECT
    if kind.startswith(("datetime_", "date_")):
        return TIME
    if kind in ("string_too_short", "too_short") and context.get("min_length") == 1:
        return _EMPTY
    sentence = _SENTENCES.get(kind, _OTHER)
    return {language: words.format(**_told(context, _OR[language])) for language, words in sentence.items()}


def _told(context: Mapping[str, Any], between: str) -> dict[str, str]:
    """What pydantic has looked at: it joins what may be chosen with an English "or"."""
    return {name: str(value).replace(" or ", between) for name, value in context.items()}


def _unknown(model: type[BaseModel] | None, place: tuple[Any, ...]) -> Text:
    """An unknown field; where it stands at the top, those that are known are named."""
    if model is None or len(place) != 1:
        return texts.text("api.fault.unknown")
    return texts.text("api.fault.unknown_of", known=", ".join(model.model_fields))
