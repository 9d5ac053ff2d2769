"""``python -m tests.fuzz [--runs 1000000] [DOOR …]``: as many inputs as one likes, other ones each time."""

from __future__ import annotations

import argparse
import sys
import time

from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.doors import DOORS, seeds
from tests.fuzz.inputs import inputs


def run(name: str, runs: int) -> None:
    @settings(
        max_examples=runs, deadline=None, suppress_health_check=list(HealthCheck), database=None,
        phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    @given(inputs(seeds(name)))
    def come(data: bytes) -> None:
        DOORS[name](data)

    began = time.monotonic()
    come()
    print(f"{name}: {runs} inputs, none that is not read or refused; {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("door", nargs="*", choices=[[], *DOORS])
    asked = parser.parse_args()
    for one in asked.door or DOORS:
        run(one, asked.runs)
    sys.exit(0)
