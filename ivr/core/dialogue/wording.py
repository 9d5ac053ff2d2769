"""Small words: filling prompts, hearing yes and no, digits by word. No grammar of whole languages lives here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from ivr.core.caller import Caller, active_orders, late_orders
from ivr.core.dialogue.messages import Heard
from ivr.core.flow.values import ValueKind
from ivr.core.language import Language

_FIELD = re.compile(r"\{([a-z_][a-z0-9_.]*)(?::([a-z]+))?\}")
_HELLO: dict[Language, tuple[str, ...]] = {
    "en": tuple(
        "hello hi hey good morning afternoon evening um uh yes yeah okay hiya howdy hallo there day to you all everyone everybody"
        " and a very how are you're doing today greetings oh ah well so g'day love dear".split()
    ),
    "zh": (
        "你好", "您好", "喂", "嗯", "早上好", "上午好", "下午好", "晚上好", "早安", "中午好", "大家好", "哎",
        "哈喽", "哈啰", "嗨", "啊", "呀", "哦", "你们好", "早", "请问", "在吗", "有人吗",
    ),
}  # fmt: skip
_PUNCTUATION = re.compile(r"[^\w'\s-]")
_OTHER = ("the other one", "the other thing", "something else", "另一个", "别的事", "其他的")
"""A no without the word."""
FIELD_NAMES = frozenset(
    {
        "salutation",
        "order",
        "product",
        "title",
        "about",
        "key",
        "queue",
        "emergency",
        "value",
        "digits",
        "position",
        "options",
        "agent",
        "said_day",
    }
)
"""The fields that need no slot and no look-up of that name."""
KINDS = frozenset({"digits", "number", "date", "time", "amount", "phone", "name"})
"""How a field may be said: {order.due:date}."""


def fill(text: str, values: Mapping[str, str], spoken: Callable[[str, str, str | None], str] | None = None) -> str:
    """A prompt with its fields filled in; a field nobody knows is left out with the space before it.

    ``spoken(name, value, kind)`` turns a value into words; ``kind`` is what the field asks for, None where it does not.
    """

    def one(match: re.Match[str]) -> str:
        name, kind = match.group(1), match.group(2)
        value = values.get(name, "")
        return spoken(name, value, kind) if spoken and value else value

    filled = _FIELD.sub(one, text)
    return re.sub(r"\s+([,.?!，。？！])", r"\1", re.sub(r"[ \t]{2,}", " ", filled)).strip()


def field_names(text: str) -> frozenset[str]:
    """The fields a text asks for."""
    return frozenset(match.group(1) for match in _FIELD.finditer(text))


def field_kinds(text: str) -> frozenset[str]:
    """The ways of saying a value that a text asks for."""
    return frozenset(match.group(2) for match in _FIELD.finditer(text) if match.group(2))


def fields(caller: Caller, language: Language) -> dict[str, str]:
    """What prompts may say of this caller."""
    values: dict[str, str] = {}
    if caller.customer:
        values["salutation"] = salutation(caller, language)
    orders = late_orders(caller) or active_orders(caller)
    if orders:
        order = next(o for o in caller.orders if o.id == orders[0])
        values["order"], values["product"] = order.id, order.product
    return values


def salutation(caller: Caller, language: Language) -> str:
    """How to address a customer, "Ms Lin"; empty for somebody unknown."""
    customer = caller.customer
    if customer is None:
        return ""
    return (customer.salutation_zh if language == "zh" else customer.salutation) or customer.name


def wants_other(text: str) -> bool:
    """Whether somebody wants the other of two things: a no without the word, and "one" is no digit in it."""
    said = f" {' '.join(text.lower().split())} "
    return any(_says(said, words) for words in _OTHER)


def _words(text: str) -> list[str]:
    """The words in small letters, without punctuation: "hello?" is typed so."""
    return _PUNCTUATION.sub(" ", text.lower().replace("’", "'")).split()


_CHECKS_LINE = re.compile(
    r"\b(?:(?:are you|is (?:any|some)(?:body|one)|(?:any|some)(?:body|one)) (?:still )?(?:there|on the line)"
    r"|(?:can|do) you (?:still )?hear me(?: now)?)\b"
    r"|(?:还?能)?听[得不]?[到见]?(?:我说话)?吗|听得[到见]不|你?还在(?:吗|不)|有人(?:吗|没)"
)


def checks_line(text: str, language: Language) -> bool:
    """Whether somebody makes sure that they are heard, and says nothing else: "hello, are you there?"."""
    return _CHECKS_LINE.search(text.lower()) is not None and only_hello(text, language)


def only_hello(text: str, language: Language) -> bool:
    """Whether somebody said hello, or made sure that the line is alive, and nothing else."""
    if (checked := _CHECKS_LINE.sub(" ", text.lower())) != text.lower():
        return not checked.strip(" ,.!?，。！？") or only_hello(checked, language)
    if language == "zh":
        rest = "".join(_words(text))
        return bool(rest) and not re.sub("|".join(_HELLO["zh"]), "", rest)
    words = _words(text)
    return bool(words) and all(word in _HELLO["en"] for word in words)


_GOODBYE: dict[Language, frozenset[str]] = {
    "en": frozenset(
        "bye goodbye good cheerio ta-ra okay ok right then now well so thanks thank you very much cheers".split()
    ),
    "zh": frozenset("再见拜掰好的了嗯那行谢您你"),
}
"""The words of a goodbye that is nothing else; without a farewell among them they are none."""
_FAREWELL: dict[Language, tuple[str, ...]] = {"en": ("bye", "goodbye", "cheerio"), "zh": ("再见", "拜拜", "掰掰")}


def only_goodbye(text: str, language: Language) -> bool:
    """Whether somebody said goodbye, and nothing else."""
    words = list("".join(_words(text))) if language == "zh" else _words(text)
    said = "".join(words) if language == "zh" else f" {' '.join(words)} "
    return _GOODBYE[language].issuperset(words) and any(_says(said, one) for one in _FAREWELL[language])


_NOTHING: dict[Language, tuple[str, ...]] = {
    "en": ("no", "nope", "nothing", "nothing else", "that's all", "that is all", "that was all", "i'm done", "no thank you",
           "no thanks", "that's it", "goodbye", "bye", "thank you", "thanks", "okay", "nothing more",
           "that's everything", "i'm good", "i'm fine", "that was it", "very much", "indeed", "so much", "cheers", "for now",
           "all sorted", "that's the lot", "the lot", "then", "that'll be all", "that would be all", "all done", "i'm all set",
           "you've been very kind", "have a nice day", "nothing further", "ta", "ta ta", "that'll do", "that will be all",
           "you have been very kind", "lovely", "great", "that's me done", "i'm sorted", "that's me sorted", "all good",
           "we're good", "we're done", "nah", "not today", "have a good one", "bye bye", "you too", "no that's all",
           "not for now", "not at the moment", "don't think so", "i don't think so", "not that i can think of", "love",
           "dear", "mate", "everything", "that'll be it", "that will be it", "no need", "there's no need", "i'll be off",
           "madam", "ma'am", "sir", "miss", "bruv", "bro", "pal", "chick", "duck", "hun", "hon", "darling", "my dear", "ta ra",
           "tara", "ta-ra", "see you", "see ya", "laters", "you're alright", "you're all right", "i'm alright", "i'm all right",
           "not really", "alright", "all right", "nothing at all", "well", "oh", "so", "yeah", "cheerio",
           "your lot", "that's your lot",
           "that's my lot", "not a sausage", "from my side", "from me", "that's me finished", "that's me"),
    "zh": ("没有了", "没别的事", "没其他事", "没其他的", "没有别的", "没有其他的", "没有其他事", "了",
           "非常感谢您", "非常感谢", "多谢", "多谢您", "感谢", "麻烦您了", "辛苦了",
           "不用麻烦了", "没有", "没了", "没事", "不用了", "不用", "就这些", "好了", "再见", "没别的了",
           "不", "没事了", "就这样", "好的", "木有了", "木有", "冇了", "冇", "没啥了", "没啥事了", "没啥事", "没啥",
           "没别的", "回见", "回聊", "再会", "拜拜", "掰掰", "祝你新年快乐", "新年快乐", "你忙吧", "你忙", "没事儿了", "辛苦",
           "那就这样", "行了", "好嘞", "谢啦", "谢谢啦",
           "麻烦你了", "我挂了", "小姑娘", "小伙子", "姑娘", "师傅", "大姐", "那", "行", "好", "都没了",
           "谢谢", "谢谢你", "谢谢您", "谢了", "谢", "叔叔", "阿姨", "哥", "老师", "同志", "大哥", "小姐", "大姐姐"),
}  # fmt: skip
_NONE_OF_THESE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:none|neither|not any|nothing) (?:of|from|there|in)\b|\bnone (?:suits?|works?|fits?|is|are)\b"
        r"|^(?:no |nope |sorry )*(?:no|nope|none|neither)(?: thanks| thank you| sorry)?$"
        r"|\b(?:another|other|different|some other) (?:day|time|date|slot)s?\b|\bon a different\b|\bno good for me\b"
        r"|\b(?:those|these|they|them|it)(?: all)? (?:do not|don't|doesn't|won't|wouldn't) (?:suit|work|fit|do|help)"
        r"|\bcan(?:no|')t (?:do|make|manage) (?:any|either|those|these|them|it)\b|\bnot (?:any )?(?:of )?(?:those|these|them)\b"
    ),
    "zh": re.compile(
        r"[都全](?:不行|不合适|不方便|不可以|不好|没空|没时间|来不了|去不了)|没有合适|换[一个]?[天日]|换个?(?:时间|日子)|别的(?:时间|日子|天)|其他(?:时间|日子|天)"
        r"|^(?:不要?|不行|不用|没有|都不要?)[了的啊吧呢]?$|一个都不|哪个都不|另外[一找]?[天个]|改天"
    ),
}


_SAME: dict[Language, str] = {
    "en": r"\bsame (?:{0})\b|\b(?:{0}) (?:as before|as last time|i(?:'ve| have)(?: got)?(?: now)?|it is now|i had)\b",
    "zh": r"(?:同样|一样|原来|原先|老|同1?一?个?|当)(?:的|那个)?(?:{0})(?!的?[前后])"
    r"|(?:{0})(?:还是)?(?:不变|一样|照旧|不动|不改|别动)|还是那个(?:{0})",
}
_SAME_OF: dict[ValueKind, dict[Language, str]] = {
    "time": {"en": "time|hour|slot", "zh": "时间|钟点|点钟|点儿?|时候|时段"},
    "date": {"en": "day|date", "zh": "日子|那天|日期|天"},
}


def same_as_before(kind: ValueKind, text: str, language: Language) -> bool:
    """Whether a day or a time is to stay what it was."""
    words = _SAME_OF.get(kind)
    return (
        words is not None
        and re.search(_SAME[language].format(words[language]), text.lower().replace("’", "'")) is not None
    )


_OTHER_LANGUAGE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:chinese|mandarin)\b|中文|普通话"),
    "zh": re.compile(r"英语|英文|\benglish\b"),
}


def names_other_language(text: str, language: Language) -> bool:
    """Whether somebody names the other language that is spoken here."""
    return _OTHER_LANGUAGE[language].search(text.lower()) is not None


def none_of_these(text: str, language: Language) -> bool:
    """Whether nothing of what was offered suits."""
    return _NONE_OF_THESE[language].search(text.lower().replace("’", "'")) is not None


_ONE_MORE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:another|second|as well|also|one more|too|additional|extra|further|again)\b"),
    "zh": re.compile("再|也|还[想要]|另外|多约|又|一个人"),
}


def wants_one_more(text: str, language: Language) -> bool:
    """Whether somebody says that they want one more of something: "another appointment, for my wife"."""
    return _ONE_MORE[language].search(text.lower()) is not None


_NO_FIRST: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"^(?:(?:oh|er|um|ah|well),? (?:dear )?)*(?:no|nope|nah|wrong)(?:,? (?:no|sorry|dear|love))*,? (?=\w)",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "^(?:哎|啊|呃|哦)?(?:不对|不是|不)(?:[，, 啊呀]|不对|不是)*(?=[十二三四五六七八九一0-9周星礼下这明后])"
    ),
}


def without_no(heard: Heard, language: Language) -> Heard:
    """What is said behind a no that answers the question."""
    first = _NO_FIRST[language]
    hypotheses = tuple(replace(one, text=first.sub("", one.text)) for one in heard.hypotheses)
    return replace(heard, text=first.sub("", heard.text), hypotheses=hypotheses)


_BACKCHANNEL: dict[Language, frozenset[str]] = {
    "en": frozenset({"mm", "mhm", "hm", "hmm", "uh", "um", "huh", "ah", "oh", "mm-hm", "uh-huh", "aha"}),
    "zh": frozenset({"嗯", "哦", "啊", "呃", "噢", "唔"}),
}


_ZH_SOUNDS = re.compile(r"[\s啊呀呢哦噢嗯哈哎啦嘛哒呗噻喔哟，。,.!！~]")


_KIND_WORDS = re.compile(
    r"\b(?:you've|you have|you were) been (?:(?:a|an|so|very|really|most|ever so|such a|absolutely) )*\w+(?: help)?"
    r"|\b(?:wish (?:me|us) luck|beauty|champion|brilliant|perfect|grand|smashing|ace|sweet|super|magic|a star|legend|wonderful"
    r"|bless you|much appreciated|appreciate it|take care|all the best)\b"
)
"""What is said beside "no, thanks" at the end of a call, and asks for nothing."""


def nothing_else(text: str, language: Language) -> bool:
    """Whether "anything else?" was answered with no."""
    said = (
        _ZH_SOUNDS.sub("", text) if language == "zh" else " ".join(_KIND_WORDS.sub(" ", " ".join(_words(text))).split())
    )
    if said in _NOTHING[language]:
        return True
    # "no thank you that's all": one no after the other
    rest = [said]
    while rest[-1]:
        first = next((n for n in sorted(_NOTHING[language], key=len, reverse=True) if _begins(rest[-1], n)), None)
        if first is None:
            return False
        rest.append(rest[-1][len(first) :].strip())
    return bool(said)


def _begins(text: str, phrase: str) -> bool:
    return text.startswith(phrase) and (not phrase.isascii() or text[len(phrase) : len(phrase) + 1] in ("", " "))


def only_listening(text: str, language: Language) -> bool:
    """Whether somebody merely showed that they listen: "mm-hm" is no answer and no wish to interrupt."""
    words = list("".join(_words(text))) if language == "zh" else _words(text)
    return bool(words) and all(word in _BACKCHANNEL[language] for word in words)


def _says(said: str, word: str) -> bool:
    """Whether a phrase stands in the text as whole words; Chinese is written without spaces."""
    word = word.lower()
    return f" {word} " in said if word.isascii() else word in said.replace(" ", "")
