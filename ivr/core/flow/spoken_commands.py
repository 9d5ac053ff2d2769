"""What a caller may say at any point, whatever is being asked: "repeat", "back", "a person"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Literal

from ivr.core.language import Language

CommandName = Literal[
    "person", "repeat", "back", "slower", "normal", "louder", "start_over", "help", "language", "forget"
]
COMMANDS: tuple[CommandName, ...] = (
    "person", "repeat", "back", "slower", "normal", "louder", "start_over", "help", "language", "forget",
)  # fmt: skip
STAR_KEYS: dict[str, CommandName] = {
    "0": "person", "1": "back", "2": "slower", "3": "start_over", "4": "louder", "5": "normal", "8": "forget",
    "9": "language", "*": "help",
}  # fmt: skip
"""The key after a star. A star alone repeats."""
STAR_WITHIN_MS = 1500
"""A key that comes later than this after a star is an answer, not the second half of a command."""
PHRASES: Mapping[CommandName, Mapping[Language, tuple[str, ...]]] = {
    "person": {
        "en": ("a person", "operator", "agent", "speak to a person", "talk to a person", "a human", "a real person",
               "speak to someone", "talk to someone", "customer service", "representative", "get me a person"),
        "zh": ("人工", "转人工", "人工服务", "找人工", "我要人工", "客服", "接线员", "找客服", "真人"),
    },
    "repeat": {
        "en": ("repeat", "repeat that", "say that again", "say it again", "what did you say", "once more", "again",
               "pardon", "come again", "what was that", "what", "pardon me", "say again", "one more time",
               "i did not catch that",
               "i did not understand", "i don't understand"),
        "zh": ("没听懂", "没听清楚", "没听见", "不明白", "重复", "再说一遍",
               "再说一次", "再讲一遍", "再念一遍", "请重复", "重复一遍", "没听清", "什么", "你说什么", "您说什么"),
    },
    "back": {"en": ("back", "go back", "one step back", "previous"), "zh": ("返回", "上一步", "返回上一步", "后退", "回去")},
    "slower": {
        "en": ("slower", "more slowly", "speak slower", "speak more slowly", "slow down", "not so fast", "too fast"),
        "zh": ("慢一点", "说慢一点", "慢点", "太快了", "请慢一点"),
    },
    "normal": {"en": ("faster", "normal speed", "speak faster"), "zh": ("快一点", "正常速度", "说快一点")},
    "louder": {
        "en": ("louder", "speak up", "i can't hear you", "i cannot hear you", "speak louder",
               "i don't hear well", "you are too quiet", "too quiet"),
        "zh": ("我耳朵不好", "耳朵不好", "声音太小", "大声一点", "大点声", "听不见", "听不清楚", "声音大一点"),
    },
    "start_over": {"en": ("start over", "start again", "from the beginning", "main menu"),
                   "zh": ("重新开始", "从头开始", "主菜单", "从头来")},
    "help": {"en": ("help", "what can i say", "what can i do", "what are my options", "options"),
             "zh": ("帮助", "我可以说什么", "我能说什么", "有什么选项", "能说什么", "怎么用")},
    "language": {"en": ("chinese", "mandarin", "chinese please", "speak chinese", "another language", "other language",
                        "中文", "说中文", "讲中文", "请说中文"),
                 "zh": ("英文", "英语", "说英语", "讲英语", "换英语", "用英语", "换语言", "请说英语", "其他语言",
                        "english", "english please", "speak english", "can you speak english", "can you speak english please",
                        "do you speak english")},
    "forget": {"en": ("forget my settings", "forget what you know about me", "delete my settings"),
               "zh": ("删除我的设置", "忘记我的设置", "不要记住我")},
}  # fmt: skip
"""What counts as each command where the operator has not written other phrases."""
_POLITE = (
    r"\b(?:please|um|uh|oh|well|sorry|can you|could you|can i|could i|have|i want to|i want|i would like to|"
    r"i would like|i'd like to|i'd like|let me|just|hey|okay|excuse me|the|you know|actually|so|yes|thank you|thanks)\b"
)
_POLITE_ZH = (
    re.compile("请问|麻烦|请|您|你|能不能|可以|能|嗯|啊|我想|那个|帮我"),
    re.compile("(?:好吗|行吗|可以吗|吗|呢|啊|吧|谢谢|好不好)$"),
)
"""What Chinese politeness begins and ends with."""
_ZH_AROUND = re.compile(
    "能不能|可不可以|请问|麻烦|帮我|一下|请|您|你|我|能|可以|想|要|说|话"
    "|讲|点|再|吗|呢|啊|吧|的|了|好|谢谢|因为|那个|嗯|对不起|不好意思"
    "|啥|声音|声|话|嘛|呀|哦|哎|唉|儿|些|不|太|慢|大|刚才|实在|真的|有点|这边|我们|小伙子|姑娘|师傅|同志|老师|闺女|么|得|是|听|清爽"
)
_LOOSE: Mapping[Language, tuple[str, ...]] = {
    "en": ("slower", "louder", "repeat", "pardon", "faster"),
    "zh": (),
}
"""Single words that are a command among harmless ones, too; "back" and "help" are too many other things."""
_ALSO: Mapping[Language, Mapping[CommandName, str]] = {
    "en": {
        "repeat": """i beg your pardon; i didn't understand; you what; say what;
            sorry what; what was that again; didn't hear that; didn't hear you; missed that; run that by me again;
            didn't catch a word; didn't hear a word; go over that again; didn't catch that; didn't get that;
            tell me again; read that again; read them again; come again; can't make you out; can't make it out;
            what was that; once more""",
        "start_over": """back to the start; back to the beginning; begin again; from the top; start afresh""",
        "louder": """i am hard of hearing; i'm hard of hearing; my hearing is bad; can't hear you; can't hear;
            hardly hear you; barely hear you; you're very quiet; you're too quiet; turn it up; turn up the volume;
            turn the volume up; deaf as a post""",
        "slower": """going too fast; speak too fast; talking too fast; talk too fast; slow it down; take it slow;
            can't keep up; not so quick; not so quickly; go slow; too quick for me;
            too quickly for me; too quickly""",
    },
    "zh": {
        "repeat": """再讲一遍; 再讲一次; 再说一下; 再说一遍; 再说一次; 再来一遍; 没听明白; 没听到; 你说啥; 说啥呢; 说啥;
            啥子; 刚才说什么; 刚说什么; 再念一遍; 啥""",
        "louder": """大点儿声; 大声点; 大声些; 声音大点; 大点声; 声音太小; 声音小; 耳朵背; 耳背; 听不太清; 听不清; 听不见;
            听不到; 说响点; 嗓门大点; 音量调大""",
        "slower": """慢点儿; 慢一些; 慢些; 慢一点; 跟不上; 太快了; 说得快; 慢慢说; 讲慢点; 别那么快; 别这么快""",
        "start_over": """从头来过; 从头再来; 重头来; 重来一遍""",
        "back": """回到刚才那个; 回到上一个; 回上一步; 退回去; 退回上一步""",
    },
}
"""What means the same in other words, some of which the small bundled model does not know; real ones do."""
_AROUND = frozenset(
    """could can would will might you i i'd i'm like want need to please the a an bit little more much speak talk say saying said
    that this it just for me my be so very really now then there thanks thank sorry excuse pardon um uh oh well hello hi is are do
    what of your have get and too all must dear love young man miss sir madam lady here once if possible
    go going i've you're again word mate pet dearie as at up them was got""".split()
)
_EXCUSES: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:because |since |as )?(?:i am|i'm|my (?:mother|father|husband|wife) is|he is|she is) (?:an? )?"
        r"(?:very |so |rather |quite |a bit )?"
        r"(?:old|elderly|deaf|slow|hard of hearing|not so young|foreign|in the car|driving|old (?:man|woman|lady))\b"
        r"|\bmy (?:hearing|ears|english) (?:is|are) (?:not (?:so |very )?good|bad|poor)\b"
        r"|\bi (?:don't|do not|can't|cannot) hear (?:so |very )?well\b"
        r"|\b(?:the|this) (?:line|connection) is (?:very |so )?(?:bad|terrible|poor)\b|\bit is (?:very |so )?loud here\b"
        r"|\bi (?:didn't|did not|couldn't|could not) (?:catch|understand|get|hear|follow)"
        r"(?: (?:you|it|that|all of that|anything))?\b"
    ),
    "zh": re.compile(
        "我?(?:岁数大|耳朵背|跟不上|耳朵不灵|耳朵聋|反应慢|[六七八九]十[一二三四五六七八九]?多?岁?)了?"
        "|我?听不(?:见|到|清楚?|懂|清爽)|我?(?:年纪大|老人|老人家|老了|岁数大|耳朵不好|听力不好|耳背)了?|线路不好|信号不好|我?没(?:听清|听懂|听见)楚?"
    ),
}
"""Why somebody asks for it, which asks for nothing else."""


def command_in(
    text: str, language: Language, phrases: Mapping[CommandName, Mapping[Language, tuple[str, ...]]]
) -> CommandName | None:
    """The command that an utterance is, politeness aside; None where it is anything more or else.

    Only the whole utterance counts: "back" is a command, "send it back" is a matter.
    """
    for said in _forms(text, language):
        for name in COMMANDS:
            for phrase in phrases.get(name, {}).get(language, ()):
                if said and said in _phrase(phrase, language):
                    return name
    return _among_harmless(_plain(text, language), language, phrases)


_AGAIN = re.compile(r"\bsay (?:that|it) again\b|\brepeat (?:that|it)\b")
_REASON = re.compile(r"(?:i|i'm|i've|we|my|there|the)\b .")


def _among_harmless(
    plain: str, language: Language, phrases: Mapping[CommandName, Mapping[Language, tuple[str, ...]]]
) -> CommandName | None:
    """A command with its reason, in a whole sentence: "could you talk a bit slower, I am old"."""
    said = _EXCUSES[language].sub(" ", plain)
    # and with the excuse, which may be the command itself: "I can't hear you"
    wholes = [whole.replace(" ", "") if language == "zh" else f" {' '.join(whole.split())} " for whole in (said, plain)]
    known = [(name, phrase, False) for name in COMMANDS for phrase in phrases.get(name, {}).get(language, ())]
    for name, phrase, ours in (*known, *_also(language)):
        wanted = _plain(phrase, language)
        if not (ours or (len(wanted) > 2 if language == "zh" else " " in wanted or wanted in _LOOSE[language])):
            continue
        for whole in wholes:
            before, found, after = whole.partition(wanted if language == "zh" else f" {wanted} ")
            # "say that again, I had the kettle on": what follows is the reason, whatever it is
            first = name == "repeat" and not before.strip() and _AGAIN.search(wanted) and _REASON.match(after.strip())
            if found and (first or _is_harmless(before, after, language)):
                return name
    return None


def _is_harmless(before: str, after: str, language: Language) -> bool:
    if language == "zh":
        return not _ZH_AROUND.sub("", before + after)
    return _AROUND.issuperset(f"{before} {after}".split())


@cache
def _also(language: Language) -> tuple[tuple[CommandName, str, bool], ...]:
    return tuple((name, phrase, True) for name, many in _ALSO[language].items() for phrase in many.split(";"))


@lru_cache(maxsize=4096)
def _phrase(phrase: str, language: Language) -> tuple[str, ...]:
    """The forms of an operator's phrase, worked out once; what callers say is never kept."""
    return tuple(_forms(phrase, language)[: 2 if language == "en" else 1])


def _plain(text: str, language: Language) -> str:
    kept = re.sub(r"[^\w'\s]", " ", text.lower())
    return "".join(kept.split()) if language == "zh" else " ".join(kept.split())


def _forms(text: str, language: Language) -> list[str]:
    """As it was said, and with less and less politeness: "你说什么" is no "能说什么", though both are polite."""
    plain = _plain(text, language)
    if language == "en":
        bare = " ".join(re.sub(_POLITE, " ", plain).split())
        return [plain, bare] if bare else [plain]
    first, last = _POLITE_ZH
    forms = [plain]
    for form in forms:
        shorter = [form[match.end() :] for match in (first.match(form),) if match] + [last.sub("", form)]
        forms += [one for one in shorter if one and one not in forms]
    return forms
