"""The server takes all files and connections that it may have, and the doctor says when these are few."""

from __future__ import annotations

import resource
import subprocess
import sys

from tests.conftest import ROOT

LOOK = """
import resource
from ivr.server import descriptors
descriptors.take_all()
print(resource.getrlimit(resource.RLIMIT_NOFILE), *(text for _, text in descriptors.examine(None)))
"""


def with_limits(soft: int, hard: int) -> str:
    shell = f"ulimit -Sn {soft} && ulimit -Hn {hard} && exec {sys.executable} -c '{LOOK}'"
    return subprocess.run(["bash", "-c", shell], cwd=ROOT, capture_output=True, text=True, check=True).stdout


MOST = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
ENOUGH = 4_096 if MOST == resource.RLIM_INFINITY else min(4_096, MOST)
"""What a house needs; a machine that allows less can be tried with less."""


def test_all_that_is_allowed_is_taken() -> None:
    assert with_limits(256, ENOUGH).startswith(f"({ENOUGH}, {ENOUGH})")


def test_few_are_told_with_the_line_that_mends_it() -> None:
    assert "no more than 512 files" in with_limits(256, 512) and "LimitNOFILE=65536" in with_limits(256, 512)
    assert ("LimitNOFILE" in with_limits(256, ENOUGH)) == (ENOUGH < 4_096)
