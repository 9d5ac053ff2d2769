"""Whether somebody has finished, by what they have said so far: what decides how long a silence ends their answer.

Read once, when they have been silent for a moment. Only what would lead on by itself is whole, and only where the step can
be taken back, should they go on all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from ivr.core.dialogue import engine, wording
from ivr.core.dialogue.messages import Heard, Listen
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.taking_back import can_be_read_anew, can_be_taken_back, is_dear_at
from ivr.core.dialogue.words.small_words import SENSES
from ivr.core.dialogue.words.yes_and_no import Answer, answer, words_of
from ivr.core.digit_words import spoken_digits
from ivr.core.flow.nodes import AskNode
from ivr.core.language import Language

Turn = Literal["whole", "final", "all_digits", "usual", "unfinished"]
"""``whole``: nothing is missing, and a mistake can be taken back; ``final``: nothing is missing, and it can not; ``all_digits``:
a number has all its digits, and that is all one knows; ``unfinished``: it plainly goes on."""

_OPEN_EN = """a; an; the; my; your; our; his; her; their; and; or; but; because; um; uh; er; erm; hmm; to; of; from; with; than;
    i want; i would like; i'd like; i need; i have; i am; i'm; i was; can i; can you; could you; could i; would you; i wanted;
    number is; name is; code is; address is; order is; problem is; question is; it is about; it's about; that is because; if;
    when i; which; i think; i mean; let me see; let me think; let's see; wait; hold on; one moment; just a moment; is it;
    are you"""
_OPEN_ZH = """那个; 这个; 嗯; 呃; 额; 就是; 然后; 因为; 所以; 但是; 可是; 不过; 而且; 和; 跟; 还有; 我想; 我要; 我想要; 我的;
    我是; 请问; 号码是; 号是; 是因为; 如果; 要是; 我觉得; 等一下; 等等; 让我想想; 我想想; 帮我; 把; 给; 或者; 还是;
    关于; 的话"""
_ALONE: dict[Language, frozenset[str]] = {
    "en": frozenset({"well", "so", "it's", "it is", "yes i", "no i"}),
    "zh": frozenset(),
}


def _phrases(listed: str, language: Language) -> frozenset[tuple[str, ...]]:
    return frozenset(words_of(phrase, language) for phrase in listed.split(";"))


_OPEN: dict[Language, frozenset[tuple[str, ...]]] = {"en": _phrases(_OPEN_EN, "en"), "zh": _phrases(_OPEN_ZH, "zh")}
_ANSWERS = ("yes", "weak", "no")
_LONGEST = max(len(phrase) for phrases in _OPEN.values() for phrase in phrases)


def judged(
    world: World, place: Place, wanted: Listen, hearings: Sequence[str], understood: Callable[[str], Heard | None]
) -> Turn:
    """Whether the words so far are all of an answer; ``hearings`` as they were heard, the freest last.

    ``understood`` is what a text means to the question of this place.
    """
    freely = hearings[-1]
    if not freely or wanted.mode == "keys":
        return "usual"
    digits = [spoken_digits(text, place.language) for text in hearings]
    if wanted.enough and all(len(heard) >= wanted.enough for heard in digits):
        agreed = len(set(digits)) == 1 and len(digits[0]) == wanted.enough
        return "whole" if agreed and _taken(world, place, understood(freely)) == "whole" else "all_digits"
    meant = _answer(world, place, freely).meant if wanted.mode == "yes_no" else None
    if (goes_on(freely, place.language) and meant is None) or (wanted.enough and digits[-1]):
        return "unfinished"
    if wanted.mode not in ("open", "yes_no"):
        return "usual"
    heard = understood(freely)
    whole = _answered(world, place, wanted, hearings) or (wanted.mode == "open" and _request(world, place, heard))
    return _taken(world, place, heard) if whole else "usual"


def goes_on(text: str, language: Language) -> bool:
    """Whether a sentence plainly is not over: "I want to", "um", 那个."""
    words = words_of(text, language)
    if " ".join(words) in _ALONE[language]:
        return True
    open_ended = max((n for n in range(1, min(_LONGEST, len(words)) + 1) if words[-n:] in _OPEN[language]), default=0)
    # "that's what I want", "I'd love to": an answer, and no beginning of one
    answered = any(SENSES[language].get(words[-n:]) in _ANSWERS for n in range(open_ended + 1, len(words) + 1))
    return open_ended > 0 and not answered


def _answered(world: World, place: Place, wanted: Listen, hearings: Sequence[str]) -> bool:
    """Whether all hearings have the same plain yes or no."""
    if wanted.grammar is None or len(hearings) < 2:  # one hearing alone is not enough
        return False
    answers = {_answer(world, place, text) for text in hearings}
    return len(answers) == 1 and all(one.meant is not None and one.plain for one in answers)


def _answer(world: World, place: Place, text: str) -> Answer:
    yes, no = world.flow.yes[place.language], world.flow.no[place.language]
    return answer(text, place.language, yes, no, " ".join(said.text for said in place.last))


def _request(world: World, place: Place, heard: Heard | None) -> bool:
    """Whether it is a matter beyond doubt, or that there is none."""
    if heard is None:
        return False
    node = world.flow.nodes[place.node]
    if isinstance(node, AskNode) and node.nothing and wording.nothing_else(heard.text, place.language):
        return True
    return heard.understood is not None and heard.understood.certainty == "sure"


def _taken(world: World, place: Place, heard: Heard | None) -> Turn:
    """What the dialogue would do with a whole answer: go on, so that it can be taken back, or so that it cannot; or neither."""
    if heard is None:
        return "usual"
    there, commands = engine.step(world, place, heard)
    moved = there.over or there.node != place.node or there.asking != place.asking
    if not moved or len(there.troubles) > len(place.troubles):
        return "usual"
    if not (can_be_read_anew(place) and can_be_taken_back(world, commands)):
        return "final"
    return "usual" if is_dear_at(world, place) or is_dear_at(world, there) else "whole"
