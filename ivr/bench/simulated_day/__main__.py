"""``python -m ivr.bench.simulated_day``: the comparison over twenty days, and how far it depends on what is assumed (minutes).

``--quick`` runs four days and varies nothing (seconds). ``--json`` prints everything as one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import sys

from ivr.bench.simulated_day import show, study


def main() -> int:
    """Simulate, and print tables or JSON."""
    words = argparse.ArgumentParser(
        prog="python -m ivr.bench.simulated_day",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words.add_argument("--seeds", type=int, help=f"days (default {study.SEEDS}; quick: {study.QUICK_SEEDS})")
    words.add_argument("--quick", action="store_true", help="a few days, nothing varied")
    words.add_argument("--json", action="store_true", help="one line of JSON instead of tables")
    asked = words.parse_args()
    seeds = asked.seeds or (study.QUICK_SEEDS if asked.quick else study.SEEDS)
    if seeds < 2:
        words.error("an interval needs at least two days")
    found = study.measure(seeds, what_if=not asked.quick)
    print(file=sys.stderr)
    print(json.dumps(found.as_json()) if asked.json else show.report(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
