"""``make call``: one more caller for the running demo."""

from __future__ import annotations

import argparse
import json
import os
import sys

from ivr.lab.asterisk.callers import Lab, NotDone
from ivr.lab.demo.callers import SCRIPTS
from ivr.lab.demo.demo import STATE
from ivr.lab.shop import shop


def main() -> int:
    """Place the call and end; the demo tells the story."""
    words = argparse.ArgumentParser(prog="python -m ivr.lab.demo.call", description=__doc__)
    words.add_argument("who", choices=tuple(SCRIPTS), nargs="?", default="lin")
    script = SCRIPTS[words.parse_args().who]
    try:
        state = json.loads(STATE.read_text())
        os.kill(state["pid"], 0)  # one that was killed has left its state behind
        with Lab(state["ami"], state["secret"]) as lab:
            lab.call(shop.DNIS, script.number, script.name, script.steps())
    except (FileNotFoundError, ConnectionError, ProcessLookupError):
        print("The demo is not running: start it with `make demo` in another terminal.", file=sys.stderr)
        return 1
    except NotDone as error:
        print(f"The call could not be placed: {error}", file=sys.stderr)
        return 1
    print(f"{script.name or 'Somebody'} is calling: {script.about}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
