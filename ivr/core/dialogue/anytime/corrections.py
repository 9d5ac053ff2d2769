"""Another value instead of yes or no: "no, make it eleven" at "the second of December at half past two. Shall I book it?"."""

from __future__ import annotations

from dataclasses import replace

from ivr.core.dialogue import digits, wording
from ivr.core.dialogue.answers_in_advance import read_for
from ivr.core.dialogue.messages import Heard
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.speaking import Result
from ivr.core.dialogue.traversal import answered, enter, fill
from ivr.core.dialogue.words.digit_limits import possible
from ivr.core.dialogue.words.other_words import digits_in
from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.nodes import CollectNode, DecideNode

LIKELY = 0.5
"""Share of belief from which another value is taken: what comes next says it back."""


def corrected(world: World, place: Place, node: DecideNode, heard: Heard) -> Result | None:
    """What follows where a value of the question was given anew; None where none was."""
    for collect in _open_to_correction(world, place, node):
        value = _value(world, place, collect, heard)
        if value is None or value == dict(place.slots).get(collect.slot):
            continue
        # what comes next are other questions now, however often they were put
        there = replace(answered(place), node=collect.name, asking=None, implied=None, visits=())
        return enter(world, fill(there, collect, value, "spoken", checked=collect.kind == "name"), collect.next)
    return None


def _open_to_correction(world: World, place: Place, node: DecideNode) -> list[CollectNode]:
    """The questions whose answers this one says back: its own fields, and what its look-ups were asked with."""
    filled = dict(place.slots)
    wanted: list[str] = []
    for text in world.flow.prompts[node.prompt].variants[place.language]:
        for field in sorted(wording.field_names(text)):
            lookup = world.flow.lookups.get(field.partition(".")[0])
            wanted += [field] if lookup is None else lookup.takes
    collects = [one for one in world.flow.nodes.values() if isinstance(one, CollectNode) and not one.secret]
    return [one for name in dict.fromkeys(wanted) if name in filled for one in collects if one.slot == name]


def _value(world: World, place: Place, node: CollectNode, heard: Heard) -> str | None:
    """The value for this question in an answer to another."""
    hypotheses = heard.hypotheses or (Hypothesis(heard.text),)
    if node.kind == "digits":
        part = digits.said((one.value, one.share) for one in digits_in(world, place, hypotheses))
        verdict = digits.judge((part,), possible(world, place, node)) if part else None
        return verdict.digits if isinstance(verdict, digits.Taken | digits.Unsure) else None
    return read_for(world, place, node, hypotheses, LIKELY)
