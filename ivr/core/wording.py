"""Small words: filling prompts, hearing yes and no, digits by word. No grammar of whole languages lives here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ivr.core.caller import Caller, Language
from ivr.core.flow import active_orders, late_orders

_FIELD = re.compile(r"\{([a-z_]+)\}")
_DIGITS: dict[Language, dict[str, str]] = {
    "en": {
        "zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4",
        "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    },
    "zh": {
        "零": "0", "〇": "0", "一": "1", "幺": "1", "二": "2", "两": "2", "三": "3", "四": "4",
        "五": "5", "六": "6", "七": "7", "八": "8", "九": "9",
    },
}  # fmt: skip
_HELLO: dict[Language, tuple[str, ...]] = {
    "en": ("hello", "hi", "hey", "good", "morning", "afternoon", "evening", "um", "uh", "yes", "yeah", "okay"),
    "zh": ("你好", "您好", "喂", "嗯", "早上好", "上午好", "下午好", "晚上好"),
}
_REPEATS = {"double": 2, "triple": 3}
FIELD_NAMES = frozenset({"salutation", "order", "product", "title", "key"})
"""The fields a prompt or an opening line may have."""


def fill(text: str, values: Mapping[str, str]) -> str:
    """A prompt with its fields filled in; a field nobody knows is left out with the space before it."""
    filled = _FIELD.sub(lambda m: values.get(m.group(1), ""), text)
    return re.sub(r"\s+([,.?!，。？！])", r"\1", re.sub(r"[ \t]{2,}", " ", filled)).strip()


def field_names(text: str) -> frozenset[str]:
    """The fields a text asks for."""
    return frozenset(_FIELD.findall(text))


def fields(caller: Caller, language: Language) -> dict[str, str]:
    """What prompts may say of this caller."""
    values: dict[str, str] = {}
    if caller.customer:
        values["salutation"] = salutation(caller, language)
    orders = late_orders(caller) or active_orders(caller)
    if orders:
        order = next(o for o in caller.orders if o.id == orders[0])
        values["order"], values["product"] = " ".join(order.id), order.product
    return values


def salutation(caller: Caller, language: Language) -> str:
    """How to address a customer, "Ms Lin"; empty for somebody unknown."""
    customer = caller.customer
    if customer is None:
        return ""
    return (customer.salutation_zh if language == "zh" else customer.salutation) or customer.name


def yes_or_no(text: str, yes: Sequence[str], no: Sequence[str]) -> bool | None:
    """The answer to a yes-or-no question, None when it is neither.

    A "no" anywhere wins over a "yes", because "yes no I mean no" is a no; "not" words are listed by the operator.
    """
    said = f" {' '.join(text.lower().split())} "
    if any(_says(said, word) for word in no):
        return False
    return True if any(_says(said, word) for word in yes) else None


def only_hello(text: str, language: Language) -> bool:
    """Whether somebody said hello, or made sure that the line is alive, and nothing else."""
    if language == "zh":
        rest = "".join(text.split())
        return bool(rest) and not re.sub("|".join(_HELLO["zh"]), "", rest)
    words = text.lower().split()
    return bool(words) and all(word in _HELLO["en"] for word in words)


def _says(said: str, word: str) -> bool:
    """Whether a phrase stands in the text as whole words; Chinese is written without spaces."""
    word = word.lower()
    return f" {word} " in said if word.isascii() else word in said.replace(" ", "")


def digit_words(language: Language) -> tuple[str, ...]:
    """The grammar for digits."""
    extra = tuple(_REPEATS) if language == "en" else ()
    return tuple(_DIGITS[language]) + extra


def spoken_digits(text: str, language: Language) -> str:
    """The digits of "four seven double one" → "4711"; words that are no digits are passed over."""
    digits = ""
    times = 1
    words = text.lower().split() if language == "en" else [c for c in text if not c.isspace()]
    for word in words:
        if word in _REPEATS:
            times = _REPEATS[word]
        elif word in _DIGITS[language]:
            digits += _DIGITS[language][word] * times
            times = 1
        elif word.isdecimal():
            digits += "".join(str(int(c)) for c in word)
            times = 1
    return digits
