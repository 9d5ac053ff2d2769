"""What was loaded at start stays to the end, so the garbage collector need not look at it again and again.

A full collection walks over every object that there is. With dialogues, classifier and libraries in memory that takes a tenth of
a second and more, for which every call and every desk waits.
"""

from __future__ import annotations

import gc


def spare_the_collector() -> None:
    """From here on only what is new is looked through; to be called once, when everything is loaded."""
    gc.collect()
    gc.freeze()
