"""What a model has found wrong, as sentences in both languages, each with the place where it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from ivr.core.card import Text
from ivr.web.problems import Fault

MOST = 20
"""Sentences in one answer."""
FORMS: dict[str, Text] = {}
"""What a text must look like, by its pattern; the modules with the models fill it."""
_SENTENCES: dict[str, Text] = {
    "missing": {"en": "is missing", "zh": "缺少该项"},
    "string_type": {"en": "must be text", "zh": "必须是文本"},
    "string_too_short": {"en": "must have {min_length} characters or more", "zh": "至少 {min_length} 个字符"},
    "string_too_long": {"en": "must have {max_length} characters or fewer", "zh": "最多 {max_length} 个字符"},
    "literal_error": {"en": "must be one of {expected}", "zh": "必须是以下之一：{expected}"},
    "bool_type": {"en": "must be true or false", "zh": "必须是 true 或 false"},
    "int_type": {"en": "must be a whole number", "zh": "必须是整数"},
    "greater_than_equal": {"en": "must be {ge} or more", "zh": "不得小于 {ge}"},
    "less_than_equal": {"en": "must be {le} or less", "zh": "不得大于 {le}"},
    "list_type": {"en": "must be a list", "zh": "必须是列表"},
    "too_short": {"en": "must have {min_length} or more", "zh": "至少 {min_length} 项"},
    "too_long": {"en": "must have {max_length} or fewer", "zh": "最多 {max_length} 项"},
    "timezone_aware": {"en": "needs its zone, as 2026-11-21T09:00:00+01:00", "zh": "必须带时区，例如 2026-11-21T09:00:00+01:00"},
}  # fmt: skip
_ALIKE = {
    "int_parsing": "int_type", "int_from_float": "int_type", "bool_parsing": "bool_type", "int_parsing_size": "int_type",
}  # fmt: skip
TIME: Text = {"en": "must be a time, as 2026-11-21T09:00:00+01:00", "zh": "必须是时间，例如 2026-11-21T09:00:00+01:00"}
_OBJECT: Text = {"en": "must be an object", "zh": "必须是对象"}
_EMPTY: Text = {"en": "must not be empty", "zh": "不能为空"}
_OTHER: Text = {"en": "is not right", "zh": "有误"}
_UNFIT: Text = {"en": "holds characters that do not belong there", "zh": "含有不允许的字符"}


class Wrong(ValueError):
    """Raised by a model's own checks, with a sentence in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text["en"])
        self.text = text


def faults(error: ValidationError, model: type[BaseModel] | None, in_query: bool = False) -> list[Fault]:
    """Every fault with its place, up to MOST of them."""
    found = []
    for wrong in error.errors(include_url=False, include_input=False)[:MOST]:
        place = [str(part) for part in wrong["loc"] if part != "[key]"]
        text = _text(dict(wrong), model)
        if in_query:
            found.append(Fault(text, parameter=".".join(place)[:100]))
        else:
            found.append(Fault(text, pointer=_pointer(place)))
    return found


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
    in_chinese = {name: str(value).replace(" or ", "、") for name, value in context.items()}
    return {"en": sentence["en"].format(**context), "zh": sentence["zh"].format(**in_chinese)}


def _unknown(model: type[BaseModel] | None, place: tuple[Any, ...]) -> Text:
    """An unknown field; where it stands at the top, those that are known are named."""
    if model is None or len(place) != 1:
        return {"en": "is not known here", "zh": "未知字段"}
    known = ", ".join(model.model_fields)
    return {"en": f"is not known; known are {known}", "zh": f"未知字段；可用：{known}"}
