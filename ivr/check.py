"""``ivr check``: what is wrong with the settings and the dialogues, found before a caller finds it."""

from __future__ import annotations

import json
import re
import wave
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import assert_never

from ivr.adapters.understanding import SentenceEncoder
from ivr.adapters.understanding.collisions import Collision, Unlearnable, collisions, unlearnable
from ivr.config import CACHE, Config, ConfigError, load
from ivr.core.caller import Language
from ivr.core.flow import Flow
from ivr.editions import read_flow
from ivr.wire.flow_lint import Finding, finding, findings, in_order
from ivr.wire.flow_toml import FlowError
from ivr.wire.toml_lines import line_of

SIGNS_A_SECOND = 4.0
"""How fast Mandarin is spoken, in characters."""
OWN_SOURCE = "house"
MOST_NAMED = 4
"""Phrases that are named in one sentence."""
_PLACE = re.compile(r"(?:(?P<where>[^:\s]+\.toml(?::\d+)?): )?(?:(?P<path>[\w.-]+): )?(?P<what>.*)", re.DOTALL)


def check(config_path: Path, *, strict: bool = False, as_json: bool = False) -> int:
    """Print what is wrong; 1 when there is an error, with ``strict`` also when there is a warning.

    Raises ConfigError, FlowError and OSError for what cannot be read at all; as JSON, that is among the findings.
    """
    try:
        config = load(config_path)
        folder = config_path.resolve().parent / config.dialogue.folder
        flow = read_flow(folder)
        found = examine(config, flow, config_path.resolve().parent)
    except (ConfigError, FlowError) as error:
        if not as_json:
            raise
        return _tell([_from_problem(problem) for problem in error.problems], None, strict, as_json)
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.toml"))}
    found = in_order([nearer(one, texts) for one in found])
    held = f"{len(flow.nodes)} nodes, {len(flow.intents)} intents, {len(flow.queues)} queues, version {flow.version}."
    right = _fails(found, strict) == 0
    verdict = "right" if right else counted(found)
    return _tell(found, f"{config_path}: right. {config.dialogue.folder}: {verdict}: {held}", strict, as_json)


def _tell(found: list[Finding], first: str | None, strict: bool, as_json: bool) -> int:
    if first:
        print(first)
    if as_json:
        print(json.dumps({"findings": [asdict(one) for one in found]}, ensure_ascii=False))
    else:
        for one in found:
            print(f"{one.where or 'config.toml'}: {one.path}: {one.severity}: {one.what}")
        if found and not _fails(found, strict):
            print(f"{counted(found)}.")
    return _fails(found, strict)


def _fails(found: Iterable[Finding], strict: bool) -> int:
    return int(any(strict or one.severity == "error" for one in found))


def counted(found: Iterable[Finding]) -> str:
    """ "1 error, 3 warnings"."""
    numbers = Counter(one.severity for one in found)
    words = [f"{n} {kind}{'s' if n > 1 else ''}" for kind in ("error", "warning") if (n := numbers[kind])]
    return ", ".join(words)


def _from_problem(problem: str) -> Finding:
    """A sentence of FlowError or ConfigError, taken apart."""
    parts = _PLACE.fullmatch(problem)
    assert parts, "the last group takes whatever there is"
    return Finding("error", parts["where"] or "", parts["path"] or "", parts["what"])


def nearer(one: Finding, texts: Mapping[str, str]) -> Finding:
    """The finding with the line of its own key, where that stands in a line of its own."""
    file = one.where.partition(":")[0]
    line = line_of(texts[file], one.path.split(".")) if file in texts else None
    return Finding(one.severity, f"{file}:{line}", one.path, one.what) if line else one


def examine(config: Config, flow: Flow, root: Path) -> list[Finding]:
    """Everything that is wrong with a dialogue that could be read; ``root`` is the folder of config.toml."""
    found = findings(flow, duration(config, flow, root))
    for name, lookup in flow.lookups.items():
        if lookup.source not in (OWN_SOURCE, *config.sources):
            what = f"config.toml: [sources] has no {lookup.source!r}: add it there, or ask another source"
            found.append(finding(flow, "error", f"lookups.{name}.source", what))
    return in_order([*found, *_confusable(config, flow)])


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
        with wave.open(str(file)) as sound:
            return float(sound.getnframes() / sound.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError):
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
