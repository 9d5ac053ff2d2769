"""The command line, as somebody types it."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from unittest.mock import patch

import structlog

from ivr.cli.main import main
from tests.conftest import CACHE, PATIENCE_S, ROOT

Done = subprocess.CompletedProcess[str]


def ivr(*words: object, **environment: str) -> Done:
    """Run ``ivr …`` in this process: a new one takes two seconds of a core before it reads its words."""
    typed = ["ivr", *map(str, words)]
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.object(sys, "argv", typed), patch.dict(os.environ, environment), contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err), _its_own_log(),
    ):  # fmt: skip
        found = _run()
    return Done(typed, found, out.getvalue(), err.getvalue())


def ivr_in_a_process(*words: object, **environment: str) -> Done:
    """Run ``python -m ivr …``, as it is really run: one test of each command does."""
    return subprocess.run(
        [sys.executable, "-m", "ivr", *map(str, words)], cwd=ROOT, capture_output=True, text=True, check=False,
        timeout=3 * PATIENCE_S, env={**os.environ, "IVR_CACHE": str(CACHE), **environment},
    )  # fmt: skip


def hears_ctrl_c() -> None:
    """In the child: as from a terminal, although whoever runs the tests may have them in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _run() -> int:
    try:
        return main()
    except SystemExit as left:  # what argparse does with words it does not know
        return int(left.code or 0)


@contextlib.contextmanager
def _its_own_log() -> Iterator[None]:
    """A command sets the log up for its whole process."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        structlog.configure(**before)
        root.handlers[:] = handlers
        root.setLevel(level)
