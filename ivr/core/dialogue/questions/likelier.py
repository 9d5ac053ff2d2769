"""What makes a matter likelier than the words alone: the caller's history, and a day where one is asked for first."""

from __future__ import annotations

from ivr.core.dialogue.answers_in_advance import first_question
from ivr.core.dialogue.facts import fact
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.words.history_prior import expected, with_history
from ivr.core.flow.intent import Evidence, Hypothesis, Understood

MEANT_FROM = 0.67
"""Share of the likeliest matter's probability from which another is lifted by a day: "what time do you close on Saturday"."""
BY_DAY, BY_DAY_FROM = 0.35, 0.5
"""What a day in the sentence adds to a matter that begins with one, as history does; the share of belief that makes it one."""


def with_callers_history(world: World, place: Place, said: Understood) -> Understood:
    """What was understood, with what this caller's history adds to it; not to what they have said no to."""
    history = expected(world.flow.intents, lambda name: fact(world, place, name))
    if said.certainty != "sure" and (day := _day_in(world, place, said.text)):
        least = MEANT_FROM * said.best.confidence if said.best else 0.0
        meant = {guess.intent for guess in said.guesses if guess.confidence >= least}
        history |= {
            name: (*history.get(name, ()), Evidence("keyword", day, BY_DAY))
            for name in meant.intersection(_asked_for_a_day(world))
        }
    return with_history(said, history, place.denied | place.declined)


def _day_in(world: World, place: Place, text: str) -> str:
    """The words, where they name a day to come or leave some open; empty where they do not."""
    if world.reader is None:
        return ""
    found = world.reader.read("date", (Hypothesis(text),), place.language, world.now)
    named = bool(found) and found[0].share >= BY_DAY_FROM and found[0].value >= world.now.date().isoformat()
    return text if named or world.reader.window("date", text, place.language, world.now) else ""


def _asked_for_a_day(world: World) -> list[str]:
    """The matters whose first question is a day: whoever names one is likelier to want one of these."""
    asked = ((one.name, first_question(world, one.node)) for one in world.flow.intents.values())
    return [name for name, node in asked if node is not None and node.kind == "date"]
