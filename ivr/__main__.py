"""The command line: ``ivr`` or ``python -m ivr``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; the exit code. Ctrl-C is no fault, however early it comes."""
    try:
        from ivr.server.process import interrupts

        sys.unraisablehook = interrupts.early
        with interrupts.ends_at_once():
            from ivr.cli.main import main as command_line
        return command_line()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
