"""``ivr check``: what is wrong with the settings and the dialogues, found before a caller finds it."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import assert_never

from ivr.adapters.sound.files import BadSound, opened
from ivr.adapters.understanding import SentenceEncoder
from ivr.adapters.understanding.collisions import Collision, Unlearnable, collisions, unlearnable
from ivr.config.load import Config, ConfigError, load, unseen
from ivr.core.flow.flow import Flow
from ivr.core.language import Language
from ivr.core.told import listed, meant
from ivr.provision.places import CACHE
from ivr.server.speech.publishing import read_texts
from ivr.wire.flow import toml
from ivr.wire.flow.lint import Finding, finding, findings, in_order
from ivr.wire.flow.toml import FlowError
from ivr.wire.written.key_lines import KeyLines

SIGNS_A_SECOND = 4.0
"""How fast Mandarin is spoken, in characters."""
OWN_SOURCE = "house"
MOST_NAMED = 4
"""Phrases that are named in one sentence."""
_PLACE = re.compile(
    r"(?:(?P<where>[^:]+\.toml(?::\d+)?): )?(?:(?P<path>\[[\w.-]+\](?: [\w.-]+)?|[\w.-]+): )?(?P<what>.*)", re.DOTALL
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``ivr check`` may be told."""
    parser.add_argument("--strict", action="store_true", help="warnings are errors too")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON that holds every finding")


def run(asked: argparse.Namespace) -> int:
    """Check; 1 when something is wrong."""
    return check(asked.config, strict=asked.strict, as_json=asked.json)


def check(config_path: Path, *, strict: bool = False, as_json: bool = False) -> int:
    """Print what is wrong; 1 when there is an error, with ``strict`` also when there is a warning.

    What cannot be read at all goes to standard error; as JSON, it is among the findings.
    """
    try:
        config = load(config_path)
        root = config_path.resolve().parent
        folder = config.dialogue.folder
        texts = read_texts(folder)
        flow = toml.read(texts)
        found = examine(config, flow, root)
    except (ConfigError, FlowError) as error:
        return _refuse([_from_problem(problem) for problem in error.problems], error.problems, as_json)
    lines = {name: KeyLines(text) for name, text in texts.items()}
    found = in_order([nearer(one, lines) for one in found])
    for hidden in unseen(config):
        print(f"ivr: {hidden}", file=sys.stderr)
    held = f"{len(flow.nodes)} nodes, {len(flow.intents)} intents, {len(flow.queues)} queues, version {flow.version}."
    shown = folder.relative_to(root) if folder.is_relative_to(root) else folder
    right = _fails(found, strict) == 0
    verdict = "right" if right else counted(found)
    print(f"{config_path}: right. {shown}: {verdict}: {held}")
    _tell(found, as_json)
    if not as_json:
        print(counted_by_file(found) if found else f"Read: {listed((config_path.name, *texts))}.")
    return _fails(found, strict)


def _refuse(found: list[Finding], problems: list[str], as_json: bool) -> int:
    """Settings or dialogues that could not be read as a whole."""
    if as_json:
        _tell(found, as_json)
        return 1
    for problem in problems:
        print(f"ivr: {problem}", file=sys.stderr)
    print(f"ivr: {counted_by_file(found)}", file=sys.stderr)
    return 1


def _tell(found: list[Finding], as_json: bool) -> None:
    if as_json:
        print(json.dumps({"findings": [asdict(one) for one in found]}, ensure_ascii=False))
        return
    for one in found:
        print(f"{one.where or 'config.toml'}: {one.path}: {one.severity}: {one.what}")


def _fails(found: Iterable[Finding], strict: bool) -> int:
    return int(any(strict or one.severity == "error" for one in found))


def counted(found: Iterable[Finding]) -> str:
    """ "1 error, 3 warnings"."""
    numbers = Counter(one.severity for one in found)
    words = [f"{n} {kind}{'s' if n > 1 else ''}" for kind in ("error", "warning") if (n := numbers[kind])]
    return ", ".join(words)


def counted_by_file(found: Iterable[Finding]) -> str:
    """ "3 errors and 1 warning: 3 in shop.toml, 1 in intents.toml."."""
    every = list(found)
    files = Counter(one.where.rpartition("/")[2].partition(":")[0] for one in every)
    named = ", ".join(f"{number} in {file}" for file, number in files.items() if file)
    return f"{counted(every)}: {named}." if named else f"{counted(every)}."


def _from_problem(problem: str) -> Finding:
    """A sentence of FlowError or ConfigError, taken apart."""
    parts = _PLACE.fullmatch(problem)
    assert parts, "the last group takes whatever there is"
    return Finding("error", parts["where"] or "", parts["path"] or "", parts["what"])


def nearer(one: Finding, lines: Mapping[str, KeyLines]) -> Finding:
    """The finding with the line of its own key."""
    file = one.where.partition(":")[0]
    line = lines[file].line(one.path.split(".")) if file in lines else None
    return Finding(one.severity, f"{file}:{line}", one.path, one.what) if line else one


def examine(config: Config, flow: Flow, root: Path) -> list[Finding]:
    """Everything that is wrong with a dialogue that could be read; ``root`` is the folder of config.toml."""
    found = findings(flow, duration(config, flow, root))
    return in_order([*found, *_unknown_sources(config, flow), *_confusable(config, flow)])


def _unknown_sources(config: Config, flow: Flow) -> Iterator[Finding]:
    """Each source that look-ups ask and the settings do not have: one mistake, however many ask it."""
    known = (OWN_SOURCE, *config.sources)
    for source in dict.fromkeys(one.source for one in flow.lookups.values() if one.source not in known):
        first, *others = [name for name, one in flow.lookups.items() if one.source == source]
        what = (
            f"config.toml: [sources] has no {source!r}{meant(source, known) or ': add it there, or ask another source'}"
        )
        what += f"; the same in {', '.join(others)}" if others else ""
        yield finding(flow, "error", f"lookups.{first}.source", what)


# -- how long it takes


def duration(config: Config, flow: Flow, root: Path) -> Callable[[str, Language], float]:
    """Seconds of a sentence: of its recording where there is one, else about what the machine takes."""
    recorded = dict(_recorded(flow, root / config.speech_out.folder / "prompts"))

    def seconds(text: str, language: Language) -> float:
        if (language, text) in recorded:
            return recorded[language, text]
        match language:
            case "en":
                return len(text.split()) / config.speech_out.rate_wpm * 60
            case "zh":
                return sum(sign.isalnum() for sign in text) / SIGNS_A_SECOND
        assert_never(language)

    return seconds


def _recorded(flow: Flow, folder: Path) -> Iterator[tuple[tuple[Language, str], float]]:
    for prompt in flow.prompts.values():
        for language, texts in prompt.variants.items():
            for number, text in enumerate(texts):
                file = folder / language / f"{prompt.name}.{number}.wav"
                if file.is_file() and (seconds := _length_s(file)) is not None:
                    yield (language, text), seconds


def _length_s(file: Path) -> float | None:
    """None for what is no WAV file that one can measure: `ivr manifest` says what is wrong with it."""
    try:
        with opened(file) as sound:
            return float(sound.frames / sound.samplerate)
    except BadSound:
        return None


# -- intents that sound alike


def _confusable(config: Config, flow: Flow) -> Iterator[Finding]:
    intents = list(flow.intents.values())
    wrong = unlearnable(intents)
    yield from (_unlearnable(flow, one) for one in wrong)
    if not wrong:
        encoder = SentenceEncoder.find(CACHE / "encoder") if config.understanding.encoder == "auto" else None
        yield from (_collision(flow, one) for one in collisions(intents, encoder))


def _unlearnable(flow: Flow, one: Unlearnable) -> Finding:
    if one.other is None:
        what = f"{one.text!r} holds no words: write what callers say"
    else:
        what = f"{one.text!r} is a phrase of {one.other!r} too, and a caller can mean only one: keep it in one of them"
    return finding(flow, "error", f"intents.{one.intent}.{one.kind}.{one.language}", what)


def _collision(flow: Flow, one: Collision) -> Finding:
    named = ", ".join(f"{t.phrase!r} (of {t.intent})" for t in one.taken[:MOST_NAMED])
    more = f" and {len(one.taken) - MOST_NAMED} more" if len(one.taken) > MOST_NAMED else ""
    what = (
        f"is easily taken for {one.second!r} and the other way round: each would be misunderstood, had it not been "
        f"written down: {named}{more}; write more phrases that tell the two apart, or make one intent of them"
    )
    return finding(flow, "warning", f"intents.{one.first}.phrases.{one.language}", what)
