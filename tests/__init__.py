"""Loaded before any test, and so before numpy: several threads for matrices as small as ours cost four times the work of one.

What the tests start inherits it.
"""

import os

for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
