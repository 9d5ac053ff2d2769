"""The edge between pyttsx3 and espeak-ng's C functions."""

from __future__ import annotations

import json
import subprocess
import sys

SPIED = """
import ctypes, json
from ivr.adapters.speech_out import pyttsx3_child

asked = []
answer = lambda parameter, current: asked.append((parameter, current)) or 111
espeak = pyttsx3_child.bindings()
espeak.dll.espeak_GetParameter = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_int)(answer)
speaker = pyttsx3_child.engine()
rate = speaker.getProperty("rate")
print(json.dumps({"rate": rate, "asked": asked, "wanted": [[espeak.RATE, 1]]}))
"""
"""A spy in the place of the C function: whoever asks the library past it, or with one argument, leaves no trace in it."""


def test_a_parameter_is_asked_for_with_both_arguments() -> None:
    """With one argument, the second is what lies in the register: by luck the value in force, or the default."""
    done = subprocess.run([sys.executable, "-c", SPIED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["rate"] == 111 and told["asked"] == told["wanted"], told
