"""``ivr asr eval``: recordings through the product's own recogniser, and the words that it hears wrongly.

Each file is one utterance: mixed to mono, brought to 8 kHz, fed in frames of 20 ms as a call feeds them. Its level stays as it
is: in a call nobody turns it up either. No silence is put around it: with 300 ms of it the bundled model heard three words more
in our 31 recordings that nobody said.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ivr.adapters.sound.files import read_sound
from ivr.adapters.sound.telephone import BadSound, frames, resample, to_pcm
from ivr.adapters.speech_in.decoding import Wanted
from ivr.adapters.speech_in.recognisers import Decoding, Recognisers
from ivr.adapters.speech_in.recognisers import load as load_model
from ivr.adapters.understanding.text import plain
from ivr.config.load import load
from ivr.core.digit_words import digit_words
from ivr.core.endpointing import SAMPLE_RATE
from ivr.core.flow.intent import joined
from ivr.core.language import Language
from ivr.measure.csv_tables import read_table
from ivr.measure.errors import NotMeasured
from ivr.measure.intervals import named, ratio_of_sums, share
from ivr.measure.output import as_json, note, table
from ivr.measure.word_errors import WordsWrong, words_wrong
from ivr.provision import models
from ivr.provision.places import CACHE, INSTALLED
from ivr.wire.written.encodings import NotText, decoded

MANIFEST = "manifest.csv"
COLUMNS = ("file", "text")
DIGITS = "digits"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be measured, and how."""

    folder: Path
    language: Language = "en"
    grammar: str | None = None
    """``digits``, or a file with a phrase a line; None: anything the model knows."""
    model: Path | None = None
    """None: as the server chooses."""
    threads: int = 1
    config: Path = Path("config.toml")
    json: bool = False


@dataclass(frozen=True, slots=True)
class Recognised:
    """One file."""

    file: str
    said: str
    heard: str
    counts: WordsWrong
    sound_s: float
    decode_s: float
    """Processor time of the decoder."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be heard."""

    file: str
    reason: str


def asr_eval(asked: Asked) -> int:
    """Measure and print; 1 when a file could not be heard, 0 however much was misheard.

    Raises NotMeasured, OSError, ModelUnusable, ModelUnavailable and ConfigError where nothing can be measured.
    """
    rows = _manifest(asked.folder)
    wanted = _wanted(asked)
    folder = _model(asked)
    model, recognisers = load_model(folder), Recognisers()

    def one(row: tuple[str, str]) -> Recognised | Failed:
        try:
            return _recognise(asked.folder / row[0], row, model, wanted, asked.language, recognisers)
        except BadSound as error:
            return Failed(row[0], str(error))
        except Exception as error:  # whatever is wrong with one file, the others are measured
            return Failed(row[0], f"{asked.folder / row[0]}: {type(error).__name__}: {error}")

    with ThreadPoolExecutor(asked.threads) as pool:
        found = list(pool.map(one, rows))
    heard = [result for result in found if isinstance(result, Recognised)]
    failed = [result for result in found if isinstance(result, Failed)]
    figures = {**_figures(heard), "files": len(found), "failed": len(failed)}
    about = {"language": asked.language, "grammar": asked.grammar, "model": folder.name, "threads": asked.threads}
    _show(heard, failed, figures)
    if asked.json:
        as_json({**figures, **about, "failures": [asdict(result) for result in failed]})
    return int(bool(failed))


def _manifest(folder: Path) -> list[tuple[str, str]]:
    path = folder / MANIFEST
    if not path.is_file():
        raise NotMeasured([f"{path}: there is no such file: it should have the columns file,text, a recording a line"])
    return [(row["file"], row["text"]) for _, row in read_table(path, COLUMNS, ("file",))]


def _wanted(asked: Asked) -> Wanted:
    if asked.grammar is None:
        return Wanted()
    if asked.grammar == DIGITS:
        return Wanted(digit_words(asked.language), several=True)
    try:
        text = decoded(Path(asked.grammar).read_bytes())
    except NotText as error:
        raise NotMeasured([f"{asked.grammar}:{error.line}: {error}"]) from error
    phrases = tuple(dict.fromkeys(filter(None, (plain(line, asked.language) for line in text.splitlines()))))
    if not phrases:
        raise NotMeasured([f"{asked.grammar}: there are no phrases in it: it should have one a line"])
    return Wanted(phrases)


def _model(asked: Asked) -> Path:
    if asked.model is not None:
        return asked.model
    speech = load(asked.config).speech_in
    named_ = {"en": speech.model_en, "zh": speech.model_zh}[asked.language]
    chosen, notes = models.choose({asked.language: named_}, CACHE, asked.config.resolve().parent, INSTALLED)
    if asked.language not in chosen:
        raise NotMeasured(
            [f"there is no speech model for {asked.language!r}: `make models` fetches it, or name one (--model)"]
        )
    for line in notes:
        note(line)
    return chosen[asked.language]


def _recognise(
    path: Path, row: tuple[str, str], model: Any, wanted: Wanted, language: Language, recognisers: Recognisers
) -> Recognised:
    samples, rate = read_sound(path)
    pcm = to_pcm(resample(samples.mean(axis=1), rate))
    decoding = Decoding(model, wanted, recognisers)
    began = time.thread_time()
    for frame in frames(pcm):
        decoding.feed(frame, False)
    readings = joined(decoding.end().segments)
    took = time.thread_time() - began
    heard = readings[0].text if readings else ""
    return Recognised(row[0], row[1], heard, words_wrong(row[1], heard, language), len(pcm) / 2 / SAMPLE_RATE, took)


def _figures(heard: Sequence[Recognised]) -> dict[str, Any]:
    counts = [one.counts for one in heard]
    right = sum(count.wrong == 0 for count in counts)
    return {
        **named("wer", ratio_of_sums([count.wrong for count in counts], [count.words for count in counts])),
        **named("sentence_accuracy", share(right, len(counts))),
        **named("rtf", ratio_of_sums([one.decode_s for one in heard], [one.sound_s for one in heard])),
        "words": sum(count.words for count in counts),
        "substitutions": sum(count.substitutions for count in counts),
        "deletions": sum(count.deletions for count in counts),
        "insertions": sum(count.insertions for count in counts),
        "seconds": round(sum(one.sound_s for one in heard), 3),
    }


def _show(heard: Sequence[Recognised], failed: Sequence[Failed], figures: dict[str, Any]) -> None:
    rows = [(one.file, f"{one.counts.wrong} of {one.counts.words}", one.said, one.heard) for one in heard]
    table(f"{len(heard)} files", ("file", "words wrong", "said", "heard"), rows)
    for one in failed:
        note(one.reason)
    if figures["wer"] is not None:
        print(
            f"Words wrong: {figures['wer']:.1%}{_interval(figures, 'wer')} of {figures['words']}: "
            f"{figures['substitutions']} changed, {figures['deletions']} missed, {figures['insertions']} added."
        )
    if heard:
        print(
            f"Sentences right: {figures['sentence_accuracy']:.1%}{_interval(figures, 'sentence_accuracy')}. "
            f"A second of sound takes {figures['rtf']:.4f} s of one core."
        )
    if failed:
        print(f"{len(failed)} of {figures['files']} files could not be heard, and count in none of this.")


def _interval(figures: dict[str, Any], name: str) -> str:
    low, high = figures[f"{name}_low"], figures[f"{name}_high"]
    return "" if low is None else f" ({low:.1%} to {high:.1%})"
