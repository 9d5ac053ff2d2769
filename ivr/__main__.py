"""The command line: ``ivr`` or ``python -m ivr``."""

from __future__ import annotations

import sys

from ivr.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
