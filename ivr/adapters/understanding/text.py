"""Makes what a recogniser wrote comparable: case, marks, noise and greetings.

Greetings and hesitations must not decide ("hi", "um", "喂"): they are taken off before anything is measured, and an
utterance made of nothing else says nothing. The one exception is in ``model.py``: where an operator wrote a greeting as
a whole phrase of an intent, greetings are wanted.
"""

from __future__ import annotations

import re
import unicodedata

from ivr.core.language import Language

_MARKED = re.compile(r"\[[^\]]*\]|<[^>]*>")
"""What recognisers write for sounds that are no words: [unk], [noise], <unk>."""

_NOT_WORDS = re.compile(r"[^\w' ]+|_+|(?<!\w)'|'(?!\w)")
_SPACES = re.compile(r"\s+")
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")

_FILLERS_EN = frozenset("um umm uh uhh uhm erm er eh hm hmm mm mhm ah oh huh".split())
_GREETING_EN = "(?:good (?:morning|afternoon|evening|day)|hello|hi|hey)(?: there)?"
_OPENING_EN = re.compile(rf"(?:{_GREETING_EN}(?: |$))+(?:how are you(?: doing)?(?: today)?(?: |$))?")
_WHOLE_EN = re.compile(
    "(?:(?:yes|yeah|yep|no|nope|ok|okay|so|well|right|alright|please|sorry|thank you|thanks|bye|goodbye|good|the|a|i|and"
    "|how are you(?: doing)?(?: today)?)(?: |$))+"
)
"""Words that say nothing when nothing else is said, but may matter at the beginning of a sentence."""

_FILLERS_ZH = re.compile("[嗯呃唔噢]+")
_OPENING_ZH = re.compile("(?:你好|您好|喂|哈喽|哈啰|早上好|上午好|中午好|下午好|晚上好|请问一下|请问|麻烦你|麻烦您)+")
_WHOLE_ZH = re.compile(
    "(?>(?:谢谢[你您]?|再见|拜拜|好的?|对的?|是的?|不是?|行|可以|啊|哦|额|诶|哎|呀|吗|呢|吧|的|了|我|那个|这个)+)"
)
# The group never gives back what it took: "是的是的是的…" can be split in very many ways, none worth a second try.


def plain(text: str, language: Language) -> str:
    """Give ``text`` in small letters without punctuation and without marks for noise.

    Spaces are single; between Chinese characters there are none, as recognisers put them between words there.
    """
    text = _MARKED.sub(" ", unicodedata.normalize("NFKC", text).lower().replace("’", "'"))
    text = _SPACES.sub(" ", _NOT_WORDS.sub(" ", text)).strip()
    return _BETWEEN_HAN.sub("", text) if language == "zh" else text


def without_noise(text: str, language: Language) -> str:
    """Take the greeting at the beginning and the hesitations off a ``plain`` text; empty when nothing else was said."""
    if language == "zh":
        text = _after(_OPENING_ZH, _FILLERS_ZH.sub("", text))
        return "" if _WHOLE_ZH.fullmatch(text.replace(" ", "")) else text
    text = _after(_OPENING_EN, " ".join(word for word in text.split() if word not in _FILLERS_EN))
    return "" if _WHOLE_EN.fullmatch(text) else text


def _after(opening: re.Pattern[str], text: str) -> str:
    found = opening.match(text)
    return text[found.end() :].strip() if found else text.strip()


_DENIED = re.compile(
    r"\b(?:not|never|nothing|without|no need for|isn't|wasn't|aren't|don't|doesn't|didn't|won't|can't|cannot|neither"
    r"|nor)"
    r"(?: (?:want|wanted|need|like|have|a|an|the|any|my|your|this|that|it|its|it's|is|be|been|to|talk|speak|with|about|for|of"
    r"|at|all|in|on|real|really|put|through|connect|connected|transfer|transferred|me|us|into|such|some|another|here"
    r"|calling)){0,7} $"
)
"""A denial that reaches as far as to the keyword: "not got the invoice" is about the invoice all the same."""
_DENIED_ZH = re.compile("(?:不是|不要|没有|没|不想|不需要|不用|别)[^，。,但而]{0,3}$")


def has(text: str, keyword: str, language: Language) -> bool:
    """Whether the ``plain`` text holds the ``plain`` keyword whole, where nothing denies it.

    "bill" is in "my bill" but not in "billing", and "I do not want the operator" asks for none.
    """
    if language == "zh":
        places = [match.start() for match in re.finditer(re.escape(keyword), text)]
        return any(not _DENIED_ZH.search(text[:place]) for place in places)
    said = f" {text} "
    places = [match.start() + 1 for match in re.finditer(re.escape(f" {keyword} "), said)]
    return any(not _DENIED.search(said[:place]) for place in places)
