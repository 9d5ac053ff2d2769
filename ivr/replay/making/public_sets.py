"""Corpora from the layouts of public sets: what each calls its files, its words and its intents.

A set's intents are not the house's: ``--intents`` names a table theirs,ours. What it leaves out is about none of the house's
reasons, and keeps its own name as a tag.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import tomli_w

from ivr.adapters.own_files import MADE_BY, NotOurs, refuse_others, write_own
from ivr.adapters.sound.files import read_sound
from ivr.adapters.sound.telephone import BadSound, resample
from ivr.core.endpointing import SAMPLE_RATE
from ivr.core.told import why
from ivr.corpus.format import SOUNDS, CorpusError

_NOISE = re.compile(r"\[[a-z ]+\]|<[a-z ]+>", re.IGNORECASE)
"""Marks of transcribers: [noise], <unk>."""
Row = tuple[Path | None, dict[str, Any]]
"""A sound file, if any, and what is known of it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One way of laying out a set of recordings."""

    about: str
    read: Callable[[Path], Iterator[tuple[str, Row]]]


def read_mapping(path: Path) -> dict[str, str]:
    """A table theirs,ours. Raises CorpusError."""
    found = {row["theirs"]: row["ours"] for row in _table(path, ("theirs", "ours"))}
    if not found:
        raise CorpusError([f"{path}: there are no rows: theirs,ours and then one intent a line"])
    return found


def bring(layout: str, source: Path, folder: Path, mapping: Mapping[str, str], told: Callable[[str, str], None]) -> int:
    """Make a corpus of a set; how many of its calls could not be made. Raises CorpusError for a set of another layout.

    ``told`` hears of each call, with what was wrong or nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    failed = made = 0
    names: dict[str, int] = {}
    for name, (sound, facts) in LAYOUTS[layout].read(source):
        theirs = facts.get("intent")
        if theirs is not None and mapping:
            facts["intent"] = mapping.get(theirs, "")
            facts["tags"] = [*facts.get("tags", []), theirs]
        safe = _safe(name)
        count = names[safe] = names.get(safe, 0) + 1
        try:
            _write(safe if count == 1 else f"{safe}-{count}", sound, facts, folder)
        except (BadSound, NotOurs, OSError) as error:
            failed += 1
            told(name, str(error))
        else:
            made += 1
            told(name, "")
    if not made and not failed:
        raise CorpusError([f"{source}: nothing was found in it; the layout {layout!r} is {LAYOUTS[layout].about}"])
    return failed


def _safe(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "call"


def _write(name: str, sound: Path | None, facts: dict[str, Any], folder: Path) -> None:
    text = folder / f"{name}.toml"
    refuse_others(text)
    if not text.is_file():
        refuse_others(folder / f"{name}.wav")
    if sound is not None:
        samples, rate = read_sound(sound)
        sides = [resample(np.ascontiguousarray(samples[:, side]), rate) for side in range(min(2, samples.shape[1]))]
        soundfile.write(folder / f"{name}.wav", np.stack(sides, axis=1), SAMPLE_RATE, subtype="ULAW", format="WAV")
    write_own(text, f"# {MADE_BY} corpus\n{tomli_w.dumps(facts)}".encode())


def _table(path: Path, columns: tuple[str, ...], delimiter: str = ",") -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, delimiter=delimiter)
            missing = [name for name in columns if name not in (reader.fieldnames or [])]
            if missing:
                raise CorpusError([f"{path}:1: there is no column {', '.join(map(repr, missing))}"])
            yield from reader
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CorpusError([f"{path}: {why(error)}"]) from error


def _facts(text: str | None, intent: str | None, *tags: str) -> dict[str, Any]:
    """One utterance that is the whole call."""
    facts: dict[str, Any] = {"origin": "recorded", "tags": [tag for tag in tags if tag]}
    if intent is not None:
        facts["intent"] = intent
    if text is not None:
        facts["said"] = [{"text": _plain(text)}]
    return facts


def _plain(text: str) -> str:
    return " ".join(_NOISE.sub(" ", text).split())


# -- layouts


def _manifest(source: Path) -> Iterator[tuple[str, Row]]:
    for row in _table(source / "manifest.csv", ("file", "text")):
        yield Path(row["file"]).stem, (source / row["file"], _facts(row["text"], row.get("intent")))


def _folders(source: Path) -> Iterator[tuple[str, Row]]:
    for path in sorted(source.rglob("*")):
        if path.suffix.lower() in SOUNDS and path.parent != source:
            intent = path.parent.name.split("~")[-1].lower()  # MInDS-14 has "en-US~APP_ERROR"
            yield f"{intent}-{path.stem}", (path, _facts(None, intent))


def _texts(source: Path) -> Iterator[tuple[str, Row]]:
    for number, row in enumerate(_table(source, ("text", "intent")), 1):
        intent = "" if row["intent"] == "oos" else row["intent"]
        yield f"{number:05d}", (None, {**_facts(row["text"], intent), "origin": "text"})


def _kaldi(source: Path) -> Iterator[tuple[str, Row]]:
    texts = dict(_pairs(source / "text"))
    intents = dict(_pairs(source / "utt2intent")) if (source / "utt2intent").is_file() else {}
    for utterance, path in _pairs(source / "wav.scp"):
        if path.endswith("|"):
            raise CorpusError([f"{source / 'wav.scp'}: {utterance}: a command, not a file: only files are read"])
        sound = Path(path) if Path(path).is_absolute() else source / path
        yield utterance, (sound, _facts(texts.get(utterance), intents.get(utterance)))


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                name, _, rest = line.strip().partition(" ")
                yield name, rest.strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError([f"{path}: {why(error)}"]) from error


def _common_voice(source: Path) -> Iterator[tuple[str, Row]]:
    for row in _table(source / "validated.tsv", ("path", "sentence"), "\t"):
        path = source / "clips" / row["path"]
        yield path.stem, (path, _facts(row["sentence"], None, row.get("accents") or "", row.get("gender") or ""))


def _fluent(source: Path) -> Iterator[tuple[str, Row]]:
    for row in _table(source / "data/test_data.csv", ("path", "transcription", "action", "object", "location")):
        intent = "_".join(row[key] for key in ("action", "object", "location") if row[key] != "none")
        yield (
            Path(row["path"]).stem,
            (source / row["path"], _facts(row["transcription"], intent, row.get("speakerId") or "")),
        )


def _slurp(source: Path) -> Iterator[tuple[str, Row]]:
    for one in _json_lines(source / "dataset/slurp/test.jsonl"):
        for recording in one.get("recordings", []):
            if recording.get("status", "correct") == "correct":
                path = source / "slurp_real" / recording["file"]
                yield path.stem, (path, _facts(one["sentence"], one["intent"]))


def _harper_valley(source: Path) -> Iterator[tuple[str, Row]]:
    """Real calls with a person: what the caller said, one piece after the other, and the task that they had."""
    for path in sorted((source / "transcript").glob("*.json")):
        metadata = _json(source / "metadata" / path.name)
        tasks = metadata.get("tasks") or [{}]
        said = []
        for one in _json(path):
            text = _plain(one.get("human_transcript", ""))
            if one.get("speaker_role") == "caller" and text and "duration_ms" in one:
                begin = one.get("start_ms", one.get("offset_ms", 0)) / 1000
                said.append({"text": text, "from_s": begin, "to_s": begin + one["duration_ms"] / 1000})
        facts = {**_facts(None, str(tasks[0].get("task_type", "")).replace(" ", "_")), "said": said}
        yield path.stem, (source / "audio/caller" / f"{path.stem}.wav", facts)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CorpusError([f"{path}: {why(error)}"]) from error


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise CorpusError([f"{path}:{number}: this line is no JSON"]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError([f"{path}: {why(error)}"]) from error


LAYOUTS: dict[str, Layout] = {
    "manifest": Layout("a folder with manifest.csv (file,text and perhaps intent) and its sound files", _manifest),
    "folders": Layout("a folder for each intent with its sound files (MInDS-14's audio)", _folders),
    "texts": Layout("a CSV file with text,intent; oos is none of them (CLINC150, BANKING77)", _texts),
    "kaldi": Layout("a folder with wav.scp and text, and perhaps utt2intent", _kaldi),
    "common-voice": Layout("Common Voice: validated.tsv and clips/", _common_voice),
    "fluent": Layout("Fluent Speech Commands: data/test_data.csv and wavs/", _fluent),
    "slurp": Layout("SLURP: dataset/slurp/test.jsonl and slurp_real/", _slurp),
    "harper-valley": Layout("HarperValleyBank: transcript/, metadata/ and audio/caller/", _harper_valley),
}
