"""Ctrl-C that came where nothing can be raised (a destructor, code in C that calls back) would be lost: it comes again."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time


def once_more(what: sys.UnraisableHookArgs) -> bool:
    """For ``sys.unraisablehook``: whether it was Ctrl-C, which then comes again."""
    interrupted = issubclass(what.exc_type, KeyboardInterrupt)
    if interrupted:
        threading.Thread(target=_press, daemon=True).start()
    return interrupted


def _press() -> None:
    time.sleep(0.05)  # until the hook is left, in which it would be lost as well
    os.kill(os.getpid(), signal.SIGINT)


def early(what: sys.UnraisableHookArgs) -> None:
    """The hook until there is a log."""
    if not once_more(what):
        sys.__unraisablehook__(what)
