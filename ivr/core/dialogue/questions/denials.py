"""Whether a matter is denied by what it is called."""

from __future__ import annotations

from ivr.core.dialogue.answers_in_advance import first_question
from ivr.core.dialogue.messages import Heard
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.words.denied_matter import denies


def is_denied_by_name(world: World, place: Place, intent: str | None, heard: Heard) -> bool:
    """Whether a matter is denied by what it is called: "not a repair", "I'm not booking anything"."""
    return intent is not None and denies_it(world, place, intent, heard.text)


def denies_it(world: World, place: Place, intent: str, text: str) -> bool:
    """Whether the words deny that matter by what it is called."""
    asked = first_question(world, world.flow.intents[intent].node)
    books = asked is not None and (asked.names_kind or asked.kind) == "date"
    return denies(text, place.language, intent, world.flow.intents, books=books)
