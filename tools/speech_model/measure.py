"""Measures models: ``python -m tools.speech_model.measure audio/models/bundled-en [MORE …]``.

Three sets, spoken by espeak-ng voices that the training never heard: the dialogue's own phrases as callers say them,
the same wishes in words of nobody's list, and sentences about any house. Then time to load, speed, and size.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ivr.adapters.speech_in.vosk import VoskRecogniser
from ivr.replay.making.phone_line import RATE, line, pcm
from ivr.replay.making.voices import speak
from tools.speech_model.build import size
from tools.speech_model.hearing import heard
from tools.speech_model.sentences import LEADS, Dialogue, Speaker, Templates

UNSEEN = tuple(
    f"espeak:{accent}+{variant}"
    for accent, variant in zip(
        ("en-us", "en-gb", "en-029", "en-us", "en-gb", "en-us", "en-us", "en-gb"),
        ("f4", "m7", "linda", "john", "steph", "Michael", "belinda", "boris"),
        strict=True,
    )
)
"""Voices and an accent that are left out of the training."""
COUNT = 60
FREE = tuple(
    "the watch i ordered last week is still not here|i paid my invoice but you charged me again|"
    "can somebody repair the glass of my watch|i would like to return the blue watch|are you open on sunday|"
    "my watch has not arrived yet|please change my delivery address|how much is the new watch|"
    "i do not want this watch anymore|can i speak to a real person please|my battery is broken|"
    "when does my parcel arrive|i was charged too much|the delivery was due last week|do you repair watches|"
    "i need a new invoice|cancel the delivery please|where do i send it back|can you tell me the price|"
    "i moved to a new address last month".split("|")
)

Spoken = tuple[str, bytes]


def _spoken(texts: Sequence[str], seed: int) -> Iterator[Spoken]:
    for number, text in enumerate(texts):
        sound, rate = speak(UNSEEN[number % len(UNSEEN)] + ("", "@0.9", "@1.1")[number % 3], text)
        yield text, pcm(line(sound, rate, (30.0, 25.0, 20.0)[number % 3], seed + number))


def spoken_sets(dialogues: Path) -> dict[str, list[Spoken]]:
    """The sets by name."""
    speaker = Speaker(Templates.read(), seed=4711)
    general = list(dict.fromkeys(speaker.sentence() for _ in range(2 * COUNT)))[:COUNT]
    draw = random.Random(4712)
    phrases = draw.sample(Dialogue.read(dialogues).phrases, COUNT)
    own = [draw.choice((phrase, phrase, f"{draw.choice(LEADS)} {phrase}", f"{phrase} please")) for phrase in phrases]
    sets = {"the dialogue's phrases": own, "the same in other words": list(FREE), "any house": general}
    return {name: list(_spoken(texts, 1000 * place)) for place, (name, texts) in enumerate(sets.items())}


def mistakes(said: Sequence[str], heard_words: Sequence[str]) -> int:
    """Words missed, put in or changed: the edit distance."""
    row = list(range(len(heard_words) + 1))
    for place, word in enumerate(said, start=1):
        diagonal, row[0] = row[0], place
        for column, other in enumerate(heard_words, start=1):
            diagonal, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, diagonal + (word != other))
    return row[-1]


async def measure(model: Path, sets: dict[str, list[Spoken]], wrong: bool) -> None:
    """Print the numbers of one model; ``wrong``: also what was heard wrongly."""
    began = time.perf_counter()
    recogniser = VoskRecogniser({"en": model}, threads=1)
    print(f"{model}: {size(model) / 1e6:.2f} MB, loaded in {time.perf_counter() - began:.3f} s")
    seconds = took = 0.0
    for name, spoken in sets.items():
        errors = words = right = 0
        for text, sound in spoken:
            began = time.process_time()
            result = await heard(recogniser, sound)
            took += time.process_time() - began
            seconds += len(sound) / 2 / RATE
            missed = mistakes(text.split(), result.text.split())
            errors, words, right = errors + missed, words + len(text.split()), right + (missed == 0)
            if wrong and missed:
                print(f"    {text} → {result.text}")
        print(
            f"  {name}: {100 * errors / words:.1f} % of {words} words wrong, {right} of {len(spoken)} sentences right"
        )
    print(f"  {took / seconds:.4f} of real time on one core")
    recogniser.close()


def main() -> None:
    """The command."""
    models = [Path(name) for name in sys.argv[1:] if name != "-v"] or [Path("audio/models/bundled-en")]
    sets = spoken_sets(Path("dialplans"))
    for model in models:
        asyncio.run(measure(model, sets, "-v" in sys.argv))


if __name__ == "__main__":
    main()
