"""The peer that the bench compares with: a classic keypad menu in Asterisk's own dialplan, of the same sample shop.

It is as such shops have it, and kept short in its own favour: one welcome, a choice of language, seven options read out one
after the other, a second menu for orders, billing and repairs, the order number by keys where a clerk would need it, then
``Queue()``. Nothing is said before the queue, keys work at any moment, and no option is read that leads nowhere. Its prompts
are said by the house's own voice at its own pace. It knows no customer and hears no words.

Each step tells what it is doing by a ``UserEvent``, so that a scripted caller knows when an option has been read out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ivr.adapters.sound.telephone import wav_bytes
from ivr.adapters.speech_out.voice import PromptVoice
from ivr.core.language import LANGUAGES, Language

EVENT = "KeypadMenu"
DNIS = "s@ivr-menu"
"""Where callers of this menu ring in."""
WAIT_S, WAIT_DIGITS_S = 5, 8
BYTES_PER_S = 16_000
"""Bytes of a second of telephone sound."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a menu: the key, what is read out, and the menu or end that it leads to (the same in every language)."""

    key: str
    leads: str
    says: dict[Language, str]


@dataclass(frozen=True, slots=True)
class End:
    """Where the menu has done its part: a queue, or something that it tells by itself; ``asks`` for an order number first."""

    queue: str | None
    asks: bool = False


WELCOME = "Welcome to Harbour Watches."
LANGUAGE_OPTIONS: tuple[tuple[str, Language, str], ...] = (
    ("1", "en", "For English, press 1."),
    ("2", "zh", "中文服务请按二。"),
)
MENUS: dict[str, tuple[Option, ...]] = {
    "main": (
        Option("1", "orders", {"en": "For orders and delivery, press 1.", "zh": "订单与配送，请按一。"}),
        Option("2", "return", {"en": "For returns and refunds, press 2.", "zh": "退货退款，请按二。"}),
        Option("3", "billing", {"en": "For billing and payments, press 3.", "zh": "账单与付款，请按三。"}),
        Option("4", "repairs", {"en": "For repairs, press 4.", "zh": "维修，请按四。"}),
        Option("5", "buy", {"en": "To buy a watch, press 5.", "zh": "购买手表，请按五。"}),
        Option("6", "hours", {"en": "For our opening hours, press 6.", "zh": "营业时间，请按六。"}),
        Option("0", "person", {"en": "For all other questions, press 0.", "zh": "其他问题，请按零。"}),
    ),
    "orders": (
        Option("1", "status", {"en": "For the status of an order, press 1.", "zh": "查询订单状态，请按一。"}),
        Option("2", "late", {"en": "If your order is late, press 2.", "zh": "订单晚到，请按二。"}),
        Option("3", "cancel", {"en": "To cancel an order, press 3.", "zh": "取消订单，请按三。"}),
        Option("4", "address", {"en": "To change your address, press 4.", "zh": "修改地址，请按四。"}),
    ),
    "billing": (
        Option("1", "invoice", {"en": "For a question about your invoice, press 1.", "zh": "账单问题，请按一。"}),
        Option("2", "balance", {"en": "For your balance, press 2.", "zh": "查询余额，请按二。"}),
        Option("3", "payment", {"en": "To make a payment, press 3.", "zh": "付款，请按三。"}),
    ),
    "repairs": (
        Option("1", "broken", {"en": "If your watch needs a repair, press 1.", "zh": "手表需要维修，请按一。"}),
        Option("2", "progress", {"en": "For the status of a repair, press 2.", "zh": "查询维修进度，请按二。"}),
        Option("3", "appointment", {"en": "For an appointment, press 3.", "zh": "预约，请按三。"}),
    ),
}
ENDS: dict[str, End] = {
    "status": End("orders", asks=True), "late": End("orders", asks=True), "cancel": End("orders", asks=True),
    "address": End("orders"), "return": End("returns", asks=True), "invoice": End("billing"), "balance": End("billing"),
    "payment": End("billing"), "broken": End("repairs"), "progress": End("repairs"), "appointment": End("repairs"),
    "buy": End("sales"), "person": End("ivr-fallback"), "hours": End(None),
}  # fmt: skip
ASK_ORDER: dict[Language, str] = {"en": "Please enter your four digit order number.", "zh": "请输入四位数字的订单号。"}


def walk(names: Iterable[str]) -> tuple[str, End]:
    """The keys that lead through the main menu by the named choices, and the end that they reach; raises KeyError."""
    keys, place = "", "main"
    for name in names:
        option = {option.leads: option for option in MENUS[place]}[name]
        keys, place = keys + option.key, option.leads
    return keys, ENDS[place]


def dialplan(sounds: Path) -> str:
    """The menu's contexts for extensions.conf; ``sounds`` is the folder that ``render`` has filled."""
    parts = [_languages(sounds)]
    for language in LANGUAGES:
        parts += [_menu(name, options, language, sounds) for name, options in MENUS.items()]
        parts.append(_ends(language, sounds))
    return "\n".join(parts)


def _tells(what: str) -> str:
    return f" same => n,UserEvent({EVENT},What: {what})\n"


def _languages(sounds: Path) -> str:
    text = f"[ivr-menu]\nexten => s,1,UserEvent({EVENT},What: answered)\n same => n,Answer()\n"
    text += _tells("menu language") + f" same => n,Background({sounds}/en/welcome)\n same => n(again),NoOp()\n"
    for _, language, _ in LANGUAGE_OPTIONS:
        text += f" same => n,Background({sounds}/{language}/language)\n" + _tells(f"said {language}")
    text += f" same => n,WaitExten({WAIT_S})\nexten => t,1,Goto(s,again)\nexten => i,1,Goto(s,again)\n"
    return text + "".join(f"exten => {key},1,Goto(ivr-menu-{to}-main,s,1)\n" for key, to, _ in LANGUAGE_OPTIONS)


def _menu(name: str, options: tuple[Option, ...], language: Language, sounds: Path) -> str:
    text = f"[ivr-menu-{language}-{name}]\nexten => s,1,UserEvent({EVENT},What: menu {name})\n"
    for option in options:
        text += f" same => n,Background({sounds}/{language}/{option.leads})\n" + _tells(f"said {option.leads}")
    text += f" same => n,WaitExten({WAIT_S})\nexten => t,1,Goto(s,1)\nexten => i,1,Goto(s,1)\n"
    for option in options:
        to = (
            f"ivr-menu-{language}-{option.leads},s"
            if option.leads in MENUS
            else f"ivr-menu-{language}-end,{option.leads}"
        )
        text += f"exten => {option.key},1,Goto({to},1)\n"
    return text


def _ends(language: Language, sounds: Path) -> str:
    text = f"[ivr-menu-{language}-end]\n"
    for name, end in ENDS.items():
        text += f"exten => {name},1,UserEvent({EVENT},What: end {name})\n"
        if end.asks:
            text += (
                _tells("asks order") + f" same => n,Read(ORDER,{sounds}/{language}/ask_order,4,,1,{WAIT_DIGITS_S})\n"
            )
            text += f' same => n,GotoIf($["${{LEN(${{ORDER}})}}" != "4"]?{name},1)\n'
        if end.queue is None:
            text += f" same => n,Playback({sounds}/{language}/tell_{name})\n" + _tells(f"told {name}")
        else:
            text += f" same => n,Queue({end.queue},r)\n"
        text += " same => n,Hangup()\n"
    return text


async def render(voice: PromptVoice, sounds: Path, hours: dict[Language, str]) -> float:
    """Say every prompt into ``sounds``; ``hours`` is what is told of the opening hours. Raises VoiceFailed.

    Gives the seconds that the question for the order number takes in English and in Chinese, whichever is longer: a caller who
    listens to it cannot be told by an event when it ends, as ``Read()`` says it itself.
    """
    prompts: dict[tuple[Language, str], str] = {("en", "welcome"): WELCOME}
    prompts |= {(language, "language"): says for _, language, says in LANGUAGE_OPTIONS}
    for language in LANGUAGES:
        prompts[language, "ask_order"] = ASK_ORDER[language]
        prompts[language, "tell_hours"] = hours[language]
        prompts |= {(language, o.leads): o.says[language] for options in MENUS.values() for o in options}
    asks_s = 0.0
    for (language, name), text in prompts.items():
        pcm = await voice.speak(text, language)
        path = sounds / language / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wav_bytes(pcm))
        if name == "ask_order":
            asks_s = max(asks_s, len(pcm) / BYTES_PER_S)
    return asks_s
