"""What cannot be measured, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.core.told import Told

MOST_NAMED = 10
"""Problems that are named one by one."""


class NotMeasured(Told):
    """A measurement that cannot be made; ``problems`` are one sentence each, with the place and what would be right."""

    def __init__(self, problems: Sequence[str]) -> None:
        named = list(problems[:MOST_NAMED])
        if len(problems) > MOST_NAMED:
            named.append(f"… and {len(problems) - MOST_NAMED} more of the kind")
        super().__init__("\n".join(named))
        self.problems = named
