"""Where calls go and why: ``place`` for one at its hand-over, ``match`` for all that wait, ``explain`` for one of those."""

from ivr.core.routing.changes import Change
from ivr.core.routing.explaining import Explanation, explain
from ivr.core.routing.matching import Matching, Matrix, Pair, Solve, match
from ivr.core.routing.parties import Presence, Signal, Situation, Waiting, signals_of
from ivr.core.routing.placing import Decision, Option, options, place
from ivr.core.routing.policy import POINT, Learnt, Policy
from ivr.core.routing.reasons import PRIORITY, Reason
from ivr.core.routing.rules import Access, Barrier, access
from ivr.core.routing.scoring import Candidate

__all__ = [
    "POINT", "PRIORITY", "Access", "Barrier", "Candidate", "Change", "Decision", "Explanation", "Learnt", "Matching", "Matrix",
    "Option", "Pair", "Policy", "Presence", "Reason", "Signal", "Situation", "Solve", "Waiting", "access", "explain", "match",
    "options", "place", "signals_of",
]  # fmt: skip
