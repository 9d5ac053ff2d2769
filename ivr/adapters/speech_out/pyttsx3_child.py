"""The process in which pyttsx3 lives: it is not thread-safe and may hang, so it gets a process that can be killed.

Reads one JSON object a line from standard input, ``{"text", "voice", "rate", "path"}``; writes the sentence as a WAV file
to ``path`` and answers ``{"ok": true}`` or ``{"ok": false, "error": "...", "again": …}``, where ``again`` says whether another
process may do better. Imports nothing of this project.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import time
import wave
from typing import Any

ATTEMPTS = 8
SET_ATTEMPTS, SET_S = 20, 0.05
IN_FORCE = 1
"""espeak_GetParameter's second argument: 1 the value that was set, 0 the default."""


def bindings() -> Any:
    """pyttsx3's module of espeak-ng's functions, on the library of its wheel, so that nothing must be installed by apt.

    libespeak-ng is loaded globally before pyttsx3 looks for it: its own load then finds the same library.
    """
    import espeakng_loader

    os.environ["ESPEAK_DATA_PATH"] = str(espeakng_loader.get_data_path())
    ctypes.CDLL(str(espeakng_loader.get_library_path()), mode=ctypes.RTLD_GLOBAL)
    from pyttsx3.drivers import _espeak

    return _espeak


def ask_with_both_arguments(espeak: Any) -> None:
    """Let pyttsx3 ask for parameters as the C function takes it: which one, and whether the value in force is meant.

    pyttsx3 2.99 hands over the first alone. The second is then whatever lies in the register; where that is 0 (always, with
    some builds of Python) it reads the default instead, and never sees the rate that it has set.
    """
    get = espeak.dll.espeak_GetParameter
    get.argtypes, get.restype = (ctypes.c_int, ctypes.c_int), ctypes.c_int
    espeak.GetParameter = lambda parameter: get(parameter, IN_FORCE)


def engine() -> Any:
    """pyttsx3, ready to speak."""
    ask_with_both_arguments(bindings())
    import pyttsx3

    return pyttsx3.init("espeak")


def length_of(path: str) -> int:
    """The frames in a WAV file, 0 when there is none."""
    try:
        with wave.open(path) as file:
            return int(file.getnframes())
    except (OSError, EOFError, wave.Error):
        return 0


class Unsteady(RuntimeError):
    """espeak has got itself into a state in which it finishes nothing; a new process has not."""


def put_in_force(speaker: Any, wanted: dict[str, Any]) -> bool:
    """Set voice and rate, and wait until espeak has taken them; False when it will not.

    It takes them in a thread of its own, and a cancelled synthesis takes what waits there with it: set only once, one
    sentence in ten is said in the voice or at the rate of the one before.
    """
    for _ in range(SET_ATTEMPTS):
        for name, value in wanted.items():
            speaker.setProperty(name, value)
        until = time.monotonic() + SET_S
        while time.monotonic() < until:
            if all(str(speaker.getProperty(name)).lower() == str(value).lower() for name, value in wanted.items()):
                return True
            time.sleep(0.001)
    return False


def render(speaker: Any, job: dict[str, Any]) -> None:
    """Write one sentence as WAV.

    pyttsx3 2.99 with espeak cancels its own synthesis now and then and leaves an empty or a shorter file (seen in about 1
    of 100 sentences). A sentence takes some 10 ms, so it is said until two lengths agree.
    """
    wanted = {"voice": job["voice"], "rate": job["rate"]}
    before = 0
    for _ in range(ATTEMPTS):
        if not put_in_force(speaker, wanted):
            break
        speaker.save_to_file(job["text"], job["path"])
        speaker.runAndWait()
        frames = length_of(job["path"])
        if frames and abs(frames - before) <= frames * 0.01:
            return
        before = frames
    raise Unsteady(f"pyttsx3 did not give the same sound twice in {ATTEMPTS} attempts")


def main() -> None:
    """Serve until standard input ends."""
    # what libraries print must not end up between the answers
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    speaker = engine()
    speaker.runAndWait()  # before its first loop it only notes down what it is asked for
    voices = {voice.id: voice.name for voice in speaker.getProperty("voices")}
    print(json.dumps({"ok": True, "voices": voices}), file=answers)
    for line in sys.stdin:
        job = json.loads(line)
        try:
            if job["voice"] not in voices:  # espeak would go on with the voice of the sentence before
                raise ValueError("there is no such voice")
            render(speaker, job)
            print(json.dumps({"ok": True}), file=answers)
        except Exception as error:  # the parent decides what to do about it
            again = isinstance(error, Unsteady)
            answer = {"ok": False, "error": f"{type(error).__name__}: {error}", "again": again}
            print(json.dumps(answer), file=answers)


if __name__ == "__main__":
    main()
