"""What "it" is: the sentence with the noun in it counts where it is plain, and its own words where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ivr.core import dialogue
from ivr.core.dialogue.messages import Listen, TalkedOf
from ivr.core.dialogue.words.back_reference import understood_here
from ivr.core.flow.intent import Certainty, Guess, Hypothesis, Understood
from ivr.core.flow.wishes import WishName
from ivr.core.language import Language
from tests.core.bigger_house import at
from tests.core.little_house import START, sure

VISIT = TalkedOf("my appointment", frozenset(("move", "cancel", "when")))
VISIT_ZH = TalkedOf("我的预约", VISIT.intents)
KNOWN: dict[str, tuple[str, Certainty, float, WishName | None]] = {
    "cancel it": ("order", "sure", 0.8, "drop"),
    "cancel my appointment": ("cancel", "sure", 1.1, None),
    "is it ready": ("repair", "confirm", 0.4, None),
    "is my appointment ready": ("when", "sure", 0.5, None),
    "can i send it back": ("return", "sure", 0.8, None),
    "can i send my appointment back": ("move", "confirm", 0.3, None),
    "a bit later": ("move", "none", 0.1, "hold_on"),
    "a bit later my appointment": ("move", "confirm", 0.5, None),
    "earlier": ("repair", "none", 0.1, None),
    "earlier my appointment": ("move", "confirm", 0.5, None),
    "i won't be coming": ("cancel", "sure", 0.6, None),
    "i won't be coming my appointment": ("move", "sure", 2.0, None),
    "that's it then bye": ("return", "none", 0.1, "goodbye"),
    "my appointment's it then bye": ("cancel", "sure", 0.9, None),
    "it is on fire": ("repair", "none", 0.1, "emergency"),
    "my appointment is on fire": ("cancel", "sure", 0.9, None),
    "那个不要了": ("order", "confirm", 0.5, None),
    "我的预约不要了": ("cancel", "sure", 0.9, None),
    "能晚一点吗": ("move", "none", 0.1, None),
    "我的预约能晚一点吗": ("move", "sure", 0.9, None),
}


def _understand(said: Sequence[Hypothesis], language: Language) -> Understood:
    intent, certainty, score, wish = KNOWN.get(said[0].text, ("none", "none", 0.0, None))
    return Understood(said[0].text, (Guess(intent, 0.9),), certainty, score, wish, "sure" if wish else "none")


@pytest.mark.parametrize(
    ("said", "of", "meant", "certainty"),
    [
        ("cancel it", VISIT, "cancel", "sure"),
        ("cancel it", None, "order", "sure"),
        ("is it ready", VISIT, "repair", "confirm"),
        ("can i send it back", VISIT, "return", "sure"),
        ("a bit later", VISIT, "move", "confirm"),
        ("earlier", VISIT, "repair", "none"),
        ("i won't be coming", VISIT, "cancel", "sure"),
        ("that's it then bye", VISIT, "return", "none"),
        ("it is on fire", VISIT, "repair", "none"),
        ("那个不要了", VISIT_ZH, "cancel", "sure"),
        ("能晚一点吗", VISIT_ZH, "move", "sure"),
    ],
)
def test_it_is_what_was_talked_of(said: str, of: TalkedOf | None, meant: str, certainty: Certainty) -> None:
    language: Language = "zh" if of is VISIT_ZH else "en"
    found = understood_here(_understand, (Hypothesis(said),), language, of)
    assert found.best and (found.best.intent, found.certainty, found.text) == (meant, certainty, said)
    assert found.wish is None or meant == KNOWN[said][0], "what is about the matter is no wish any more"


def test_a_long_sentence_without_it_is_about_what_it_says() -> None:
    asked: list[str] = []

    def understand(said: Sequence[Hypothesis], language: Language) -> Understood:
        asked.append(said[0].text)
        return _understand(said, language)

    understood_here(understand, (Hypothesis("where do you think my parcel has got to by now"),), "en", VISIT)
    assert len(asked) == 1


def test_what_was_dealt_with_last_is_what_it_is() -> None:
    """Heard at "anything else?"; over matters that have no name for it, such as the opening hours."""
    it = {"en": "my visit", "zh": "我的预约"}
    house = at()
    named = {
        name: replace(one, it=it) if name in ("visit", "late") else one for name, one in house.flow.intents.items()
    }
    where = replace(house, flow=replace(house.flow, intents=named))
    place, _ = dialogue.step(where, dialogue.begin(where), START)
    assert isinstance(place.listening, Listen) and place.listening.of is None
    settled = replace(place, settled=("visit",))
    place, _ = dialogue.step(where, settled, sure("hours"))
    assert place.node == "else" and place.listening
    assert place.listening.of == TalkedOf("my visit", frozenset(("visit", "late")))
