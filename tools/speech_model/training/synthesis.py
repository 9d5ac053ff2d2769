"""Synthesises the training speech: sentences of any house and strings of common words, by flite and espeak-ng voices."""

from __future__ import annotations

import random
import subprocess
import tempfile
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import soxr

from ivr.replay.making.phone_line import load
from tools.speech_model.sentences import Speaker, Templates, common_words
from tools.speech_model.training.store import Utterance, write_json

RATE = 16_000
FLITE = ("awb", "rms", "slt", "kal16")
_ACCENTS = ("en-us",) * 4 + ("en-gb", "en-gb-x-rp", "en-gb-scotland", "en-us-nyc", "en-gb-x-gbclan", "en-gb-x-gbcwmd")
_VARIANTS = """Alex Alicia Andrea Andy Annie Denis Diogo Gene Henrique Hugo Jacky Lee Marco Mario Mike Nguyen
 Storm Tweaky adam anika antonio aunty benjamin caleb david ed edward f1 f2 f3 f5 grandma grandpa gustave iven iven3
 kaukovalta klatt klatt2 klatt3 klatt5 m1 m2 m3 m4 m5 m6 m8 max michel miguel norbert pablo paul pedro quincy rob robert
 sandro shelby steph2 travis victor zac""".split()
"""Those of tools.speech_model.measure are left out: they are for testing."""
_SHORTEST, _LONGEST = 3000, 12 * RATE


def jobs(flite: int, espeak: int, seed: int = 1) -> list[Utterance]:
    """What is to be said, and how."""
    draw = random.Random(seed)
    speaker = Speaker(Templates.read(), seed)
    common = common_words()

    def text() -> str:
        if draw.random() < 0.35:
            return " ".join(draw.choice(common) for _ in range(draw.randint(3, 7)))
        return speaker.sentence()

    made: list[Utterance] = []
    for number in range(flite):
        voice = FLITE[number % len(FLITE)] if number % 13 else "slt"
        made.append({"engine": "flite", "voice": voice, "rate": round(draw.uniform(0.75, 1.3), 2), "text": text()})
    for _ in range(espeak):
        voice = f"{draw.choice(_ACCENTS)}+{draw.choice(_VARIANTS)}"
        made.append({"engine": "espeak", "voice": voice, "rate": draw.randint(120, 220), "pitch": draw.randint(25, 75),
                     "text": text()})  # fmt: skip
    return made


def _command(job: Utterance, path: str) -> list[str]:
    if job["engine"] == "flite":
        stretch = f"duration_stretch={job['rate']}"
        return ["flite", "-voice", job["voice"], "--setf", stretch, "-psdur", "-t", job["text"], "-o", path]
    return ["espeak-ng", "-v", job["voice"], "-s", str(job["rate"]), "-p", str(job["pitch"]), "-w", path, job["text"]]


def spoken(job: Utterance) -> tuple[Utterance, bytes]:
    """Speak one; flite also says when each phone ends."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        ran = subprocess.run(_command(job, file.name), capture_output=True, text=True, check=True, timeout=60)
        sound, rate = load(Path(file.name))
    if job["engine"] == "flite":
        pairs = (word.split(":")[:2] for word in ran.stdout.split())
        job = {**job, "seg": [(phone, float(end)) for phone, end in pairs]}
    sound = soxr.resample(sound, rate, RATE, quality="VHQ")
    levelled = sound / (np.abs(sound).max() + 1e-9) * 0.8 * 32767
    return job, np.clip(levelled, -32767, 32767).astype("<i2").tobytes()


def synthesise(work: Path, flite: int, espeak: int) -> None:
    """Write base.i16 and base.json."""
    done: list[Utterance] = []
    offset = 0
    with (work / "base.i16").open("wb") as file, Pool(2) as pool:
        for job, sound in pool.imap(spoken, jobs(flite, espeak), chunksize=16):
            count = len(sound) // 2
            if _SHORTEST <= count <= _LONGEST:
                file.write(sound)
                done.append({**job, "off": offset, "n": count})
                offset += count
    write_json(work / "base.json", done)
    print(f"{len(done)} utterances, {offset / RATE / 3600:.1f} hours")
