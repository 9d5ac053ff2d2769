"""``python -m ivr.lab.demo``."""

from __future__ import annotations

import sys

from ivr.lab.demo.demo import main

if __name__ == "__main__":
    sys.exit(main())
