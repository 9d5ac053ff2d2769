"""How long a caller must listen: prompts and menus as they are said, their fields filled with something usual."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from ivr.core.dialogue.wording import field_names, fill
from ivr.core.flow.flow import Flow
from ivr.core.flow.nodes import CollectNode, MenuNode
from ivr.core.language import LANGUAGES, Language

Seconds = Callable[[str, Language], float]
LONGEST_PROMPT_S, LONGEST_MENU_S = 12.0, 30.0
_LANGUAGE_NAMES: Mapping[Language, str] = {"en": "English", "zh": "Chinese"}
_USUAL: Mapping[str, Mapping[Language, str]] = {
    "digits": {"en": "four seven one one", "zh": "四七一一"},
    "number": {"en": "forty two", "zh": "四十二"},
    "date": {"en": "Thursday the twenty sixth of November", "zh": "十一月二十六日星期四"},
    "time": {"en": "half past two", "zh": "下午两点半"},
    "amount": {"en": "one hundred and eighty nine euros", "zh": "一百八十九欧元"},
    "phone": {"en": "zero one five one one two three four five six seven", "zh": "零一五一一二三四五六七"},
    "name": {"en": "Hamburg", "zh": "汉堡"},
    "key": {"en": "one", "zh": "一"},
    "position": {"en": "three", "zh": "三"},
    "salutation": {"en": "Ms Lindqvist", "zh": "林女士"},
    "order": {"en": "four seven one one", "zh": "四七一一"},
    "value": {"en": "four seven one one", "zh": "四七一一"},
    "options": {"en": "", "zh": ""},  # counted where they are chosen from
}
_WEEK: Mapping[Language, str] = {
    "en": "nine to six from Monday to Friday, and nine to two on Saturday",
    "zh": "周一到周五上午九点到下午六点，周六上午九点到下午两点",
}
_OTHER: Mapping[Language, str] = {"en": "steel watch", "zh": "钢质手表"}


def too_long(flow: Flow, seconds: Seconds) -> Iterator[tuple[Literal["error", "warning"], str, str]]:
    """Severity, path and sentence for everything that takes longer than people listen."""
    for prompt in flow.prompts.values():
        for language, texts in prompt.variants.items():
            longest = max(seconds(_filled(flow, text, language), language) for text in texts)
            if longest > LONGEST_PROMPT_S:
                what = (
                    f"takes about {longest:.0f} s to say in {_LANGUAGE_NAMES[language]}, and nobody listens longer than "
                    f"{LONGEST_PROMPT_S:.0f} s: say less, or split it"
                )
                yield "error", f"prompts.{prompt.name}.{language}", what
    for name, node in flow.nodes.items():
        for language in LANGUAGES:
            whole = sum(seconds(text, language) for text in _menu(flow, node, language))
            if whole > LONGEST_MENU_S:
                what = (
                    f"takes about {whole:.0f} s to read out in {_LANGUAGE_NAMES[language]}, more than "
                    f"{LONGEST_MENU_S:.0f} s: offer less at once, or shorten the sentences"
                )
                yield "warning", f"nodes.{name}", what


def _menu(flow: Flow, node: object, language: Language) -> list[str]:
    """All sentences of a menu, or of a choice of names, one after the other."""
    if isinstance(node, MenuNode):
        entries = [(i.key or "", i.title) for i in flow.keyed_intents(node.group)]
        entries += [(door.key, door.title) for door in node.doors]
        option = _longest(flow, node.option, language)
        filled = [fill(option, {"key": key, "title": title.get(language, "")}) for key, title in entries]
        return [_filled(flow, _longest(flow, node.prompt, language), language), *filled]
    if isinstance(node, CollectNode) and "options" in field_names(_longest(flow, node.prompt, language)):
        told = "，请按一。" if language == "zh" else ", press one."
        before = "" if language == "zh" else "For "
        names = [f"{before}{name}{told}" for name in node.names.get(language, ())]
        return [_filled(flow, _longest(flow, node.prompt, language), language), *names]
    return []


def _longest(flow: Flow, prompt: str, language: Language) -> str:
    return max(flow.prompts[prompt].variants.get(language, ("",)), key=len)


def _filled(flow: Flow, text: str, language: Language) -> str:
    titles = [intent.title.get(language, "") for intent in flow.intents.values()]
    longest_title = max(titles, key=len, default="")

    def usual(name: str, value: str, kind: str | None) -> str:
        if name == "title":
            return longest_title
        if name.startswith("week."):
            return _WEEK[language]
        wanted = kind or flow.slot_kinds.get(name) or name
        return _USUAL[wanted][language] if wanted in _USUAL else _OTHER[language]

    return fill(text, dict.fromkeys(field_names(text), "…"), usual)
