"""Ctrl-C where Python cannot raise it well: what is lost comes again, and while modules load it ends the process."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ends_at_once() -> Iterator[None]:
    """While modules load, and nothing is open yet: Ctrl-C is the end of the process, as SIGTERM is. Raised as an exception,
    it would come up in the middle of a module in C, which swallows it or makes an ``ImportError`` of it.
    """
    before = signal.getsignal(signal.SIGINT)
    if before == signal.SIG_IGN or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


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
