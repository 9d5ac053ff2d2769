"""How callers are understood, as measured: what the classifier makes of sentences that it has not learnt, misheard.

``python -m ivr.bench.simulated_day.hearing`` measures it anew from the sample shop's phrases and writes ``hearing.json``,
so that the day itself is the same on every machine. Each phrase is left out of what is learnt (five folds) and said twenty
times; each time every word is misheard with a given probability: lost, taken for another word of the shop's, or with a
filler before it.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

from ivr.adapters.understanding import SentenceEncoder, Understanding
from ivr.core.dialogue.words.history_prior import expected, with_history
from ivr.core.flow.condition import Fact
from ivr.core.flow.flow import Flow
from ivr.core.flow.intent import Certainty, Hypothesis, Intent, Understood
from ivr.provision.places import CACHE
from ivr.server.speech.publishing import read_flow

FILE = Path(__file__).with_name("hearing.json")
RATES = (0.0, 0.15, 0.3)
"""Shares of words misheard: none; about what small Vosk models make of a telephone; a bad line."""
FOLDS, TIMES = 5, 20
FILLERS = ("um", "well", "you know", "please", "so")
KNOWN: dict[str, dict[str, Fact]] = {
    "nothing": {},
    "order under way": {"active_orders": 1},
    "late order": {"active_orders": 1, "late_order": True},
}
"""What the records may say of a caller, as far as it makes a reason likely (``likely`` in intents.toml)."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one sentence is taken for."""

    certainty: Certainty
    intent: str | None


Table = Mapping[str, Mapping[str, tuple[tuple[Heard, float], ...]]]
"""What is known of the caller → what they say → what it is taken for, and how often."""
Rows = list[tuple[Certainty, str | None, float]]
Measured = dict[str, dict[str, dict[str, Rows]]]
"""Rate → what is known → what is said → rows of certainty, guess, share: as it stands in the file."""


@cache
def table(rate: float) -> Table:
    """The measured table for a share of misheard words, one of ``RATES``; raises KeyError for another."""
    raw = json.loads(FILE.read_text(encoding="utf-8"))["rates"][f"{rate:g}"]
    return {
        known: {
            said: tuple((Heard(h[0], h[1]), h[2]) for h in outcomes)
            for said, outcomes in by_intent.items()
        }
        for known, by_intent in raw.items()
    }  # fmt: skip


def draw(outcomes: tuple[tuple[Heard, float], ...], chance: float) -> Heard:
    """One outcome; ``chance`` is a number of 0 to 1."""
    for heard, share in outcomes:
        chance -= share
        if chance < 0:
            return heard
    return outcomes[-1][0]


# -- measuring -----------------------------------------------------------------------------------------------------------


def measure(flow: Flow) -> Measured:
    """Say every phrase, and count what it is taken for."""
    counted: dict[tuple[float, str, str], Counter[tuple[Certainty, str | None]]] = defaultdict(Counter)
    for intent, understood, rate in _understood(flow):
        for known, facts in KNOWN.items():
            history = expected(flow.intents, lambda name, of=facts: of.get(name, 0))  # type: ignore[misc]
            lifted = with_history(understood, history)
            guess = lifted.best.intent if lifted.best and lifted.certainty != "none" else None
            counted[rate, known, intent][lifted.certainty, guess] += 1
    made: Measured = {}
    for (rate, known, intent), outcomes in sorted(counted.items()):
        rows: Rows = [
            (certainty, guess, round(n / outcomes.total(), 4)) for (certainty, guess), n in outcomes.most_common()
        ]
        made.setdefault(f"{rate:g}", {}).setdefault(known, {})[intent] = rows
    return made


def _understood(flow: Flow) -> Iterator[tuple[str, Understood, float]]:
    encoder = SentenceEncoder.find(CACHE / "encoder")
    intents = list(flow.intents.values())
    words = sorted({word for i in intents for phrase in i.phrases["en"] for word in phrase.split()})
    dice = Random(1)  # noqa: S311  # dice, and the same ones each time
    for fold in range(FOLDS):
        taught = Understanding.train([_less(intent, fold) for intent in intents], encoder)
        for intent in intents:
            for phrase in intent.phrases["en"][fold::FOLDS]:
                for rate in RATES:
                    for _ in range(TIMES if rate else 1):
                        said = misheard(phrase, rate, words, dice)
                        yield intent.name, taught.understand([Hypothesis(said)], "en"), rate


def _less(intent: Intent, fold: int) -> Intent:
    phrases = tuple(p for n, p in enumerate(intent.phrases["en"]) if n % FOLDS != fold)
    return replace(intent, phrases={"en": phrases})


def misheard(phrase: str, rate: float, words: list[str], dice: Random) -> str:
    """A phrase of which each word is misheard with a probability: half of them replaced, a quarter lost, a quarter padded."""
    out: list[str] = []
    for word in phrase.split():
        kind = dice.random() / rate if rate else 1.0
        if kind >= 1:
            out.append(word)
        elif kind < 0.5:
            out.append(dice.choice(words))
        elif kind < 0.75:
            out += [dice.choice(FILLERS), word]
    return " ".join(out) or dice.choice(FILLERS)


def written(made: Measured, encoder: bool) -> str:
    """The file: JSON with one line for what is said of each reason."""
    lines = ["{", f' "encoder": {json.dumps(encoder)}, "folds": {FOLDS}, "times": {TIMES},', ' "rates": {']
    for rate, by_known in made.items():
        lines.append(f'  "{rate}": {{')
        for known, by_intent in by_known.items():
            rows = ",\n".join(f'    "{said}": {json.dumps(outcomes)}' for said, outcomes in by_intent.items())
            lines.append(f'   "{known}": {{\n{rows}\n   }}' + ("," if known != list(by_known)[-1] else ""))
        lines.append("  }" + ("," if rate != list(made)[-1] else ""))
    return "\n".join([*lines, " }", "}", ""])


def main() -> int:
    """Measure, write what was measured, and say it in two figures."""
    made = measure(read_flow(Path("dialplans")))
    FILE.write_text(written(made, SentenceEncoder.find(CACHE / "encoder") is not None), encoding="utf-8")
    for rate, known in made.items():
        rows = [(said, row) for said, outcomes in known["nothing"].items() for row in outcomes]
        right = sum(share for said, (_, guess, share) in rows if guess == said) / len(known["nothing"])
        wrong = sum(share for said, (how, guess, share) in rows if how == "sure" and guess != said) / len(
            known["nothing"]
        )
        print(f"words misheard {rate}: right {right:.3f}, sure and wrong {wrong:.3f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
