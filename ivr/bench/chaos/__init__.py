"""A house under faults: everything that can break is broken at random moments, beside callers who ring all the time."""

from ivr.bench.chaos.command import add_arguments, run

__all__ = ["add_arguments", "run"]
