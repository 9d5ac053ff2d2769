"""Which of the things that a caller has said answers what is asked now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ivr.core.dialogue.words import yes_and_no
from ivr.core.flow.flow import Flow
from ivr.core.flow.nodes import MenuNode
from ivr.core.language import Language
from ivr.corpus.format import NO, YES, Facts, Said
from ivr.replay.caller.asked import Asked

MOST_REPEATS = 3
"""So often a caller says the same again where they are not understood."""
PERSON_KEY = "0"
_YES_KEY, _NO_KEY = "1", "2"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the caller does now: say the piece of that number, press keys, or hang up."""

    piece: int | None = None
    keys: str = ""
    made_up: bool = False
    """The recording has no answer; it comes from what is known of the call."""
    hang_up: bool = False


@dataclass(slots=True)
class Answering:
    """One caller's mind: what they have said already, and what they want."""

    facts: Facts
    flow: Flow
    language: Language = "en"
    _said: set[int] = field(default_factory=set)
    _for: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    """What was said to each question, in its order."""

    def reply(self, asked: Asked, settled: bool) -> Reply | None:
        """What they do about a question once the prompt is over; None: nothing. ``settled``: their matter is dealt with."""
        found = self._labelled(asked)
        if found is None:
            match asked.kind:
                case "digit":
                    return self._one_digit(asked)
                case "confirm" | "confirm_value" | "decide" | "offer":
                    return self._yes_or_no(asked)
                case "anything_else":
                    return self._anything_else(asked, settled)
                case "menu":
                    return self._menu(asked)
                case "reason" | "value" | "proof":
                    found = self._next()
                    return self._say(asked, found) if found is not None else self._again(asked)
                case _:
                    return None
        return self._say(asked, found)

    def over(self, asked: Asked, since_s: float) -> Reply | None:
        """What they say over the prompt, so many seconds after it began."""
        for number, said in self._unsaid():
            labels = (asked.node, asked.slot or asked.node)
            if said.over_s is not None and since_s >= said.over_s and (said.answers is None or said.answers in labels):
                return self._say(asked, number)
        return None

    def waits(self, asked: Asked) -> float | None:
        """How long after the prompt they answer; None: as callers do."""
        number = self._labelled(asked)
        number = self._next() if number is None else number
        return None if number is None else self.facts.said[number].wait_s

    # -- pieces

    def _unsaid(self) -> list[tuple[int, Said]]:
        return [(number, said) for number, said in enumerate(self.facts.said) if number not in self._said]

    def _labelled(self, asked: Asked) -> int | None:
        """The first unsaid piece that names this question."""
        labels = {asked.node, asked.slot} - {""}
        return next(
            (n for n, said in self._unsaid() if said.answers in labels and said.over_s is None and not said.noise), None
        )

    def _next(self) -> int | None:
        """The next piece that names no question, unless something before it waits for one of its own."""
        for number, said in self._unsaid():
            if said.noise or said.over_s is not None or said.answers is not None:
                continue
            return number
        return None

    def _say(self, asked: Asked, number: int) -> Reply:
        said = self.facts.said[number]
        self._said.add(number)
        if not said.noise:
            self._for.setdefault((asked.node, asked.kind), []).append(number)
        return Reply(None if said.keys else number, said.keys or "")

    def _again(self, asked: Asked) -> Reply | None:
        """They were not understood: the same once more, then keys where they know the digits."""
        before = self._for.setdefault((asked.node, asked.kind), [])
        value = self._value(asked)
        if value and asked.digits and (not before or len(before) >= MOST_REPEATS - 1):
            return Reply(keys=value, made_up=True)
        if not before or len(before) >= MOST_REPEATS:
            return None
        before.append(before[-1])
        said = self.facts.said[before[-1]]
        return Reply(None if said.keys else before[-1], said.keys or "")

    def _one_digit(self, asked: Asked) -> Reply | None:
        """One digit of a number was not clear, and is asked for alone."""
        value, place = self._value(asked), int(asked.about)
        return Reply(keys=value[place], made_up=True) if place < len(value) else self._again(asked)

    def _value(self, asked: Asked) -> str:
        value = self.facts.slots.get(asked.slot or asked.about or asked.node, "")
        return value if value.isdigit() else ""

    # -- yes and no

    def _yes_or_no(self, asked: Asked) -> Reply | None:
        wanted = self._agrees(asked)
        spoken = self._spoken(YES if wanted else NO) if wanted is not None else None
        if spoken is not None:
            return self._keep(asked, spoken)
        following = self._next()
        if following is not None and (wanted is None or self._means(following) == wanted):
            return self._say(asked, following)
        if wanted is None and asked.kind == "confirm_value" and (yes := self._spoken(YES)) is not None:
            # what they meant is not known: taken for what was understood
            return replace(self._keep(asked, yes), made_up=True)
        if wanted is None:
            return self._again(asked)
        return Reply(keys=_YES_KEY if wanted else _NO_KEY, made_up=True)

    def _agrees(self, asked: Asked) -> bool | None:
        """Whether they say yes to what is said back; None: nobody knows."""
        if asked.kind == "offer":
            return False
        if asked.kind == "confirm":
            return None if self.facts.intent is None else asked.about == self.facts.intent
        wanted = self.facts.slots.get(asked.slot or asked.node)
        if asked.kind == "confirm_value":
            return None if wanted is None else wanted == asked.about
        return {YES: True, NO: False}.get(wanted or "")

    def _spoken(self, label: str) -> int | None:
        """Their own "yes" or "no", which may be said again and again."""
        return next((number for number, said in enumerate(self.facts.said) if said.answers == label), None)

    def _keep(self, asked: Asked, number: int) -> Reply:
        self._for.setdefault((asked.node, asked.kind), []).append(number)
        said = self.facts.said[number]
        return Reply(None if said.keys else number, said.keys or "")

    def _means(self, number: int) -> bool | None:
        text = self.facts.said[number].text or ""
        return yes_and_no.answer(text, self.language, self.flow.yes[self.language], self.flow.no[self.language]).meant

    # -- the rest

    def _anything_else(self, asked: Asked, settled: bool) -> Reply | None:
        following = self._next()
        if following is not None:
            return self._say(asked, following)
        if not settled:
            return self._again(asked) or Reply(keys=PERSON_KEY, made_up=True)
        spoken = self._spoken(NO)
        return Reply(hang_up=True) if spoken is None else self._keep(asked, spoken)

    def _menu(self, asked: Asked) -> Reply:
        """The key of what they want; through a door where it is in another menu; else a person."""
        key = self._key_in(asked.about)
        if key is None:
            node = self.flow.nodes[asked.node]
            doors = node.doors if isinstance(node, MenuNode) else ()
            key = next((door.key for door in doors if self._behind(door.node)), PERSON_KEY)
        return Reply(keys=key, made_up=True)

    def _behind(self, node: str) -> bool:
        menu = self.flow.nodes.get(node)
        return isinstance(menu, MenuNode) and self._key_in(menu.group) is not None

    def _key_in(self, group: str) -> str | None:
        keyed = self.flow.keyed_intents(group)
        return next((one.key for one in keyed if one.name == self.facts.intent), None)
