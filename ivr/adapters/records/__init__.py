"""What waits for the database, on this machine's disk: the journal, and what was put aside."""

from ivr.adapters.records.aside import Aside, AsideFiles
from ivr.adapters.records.journal import Journal, JournalFull
from ivr.adapters.records.outside import Standing, held, standing, take_out
from ivr.adapters.records.ring import JournalHeld, JournalUnusable

__all__ = [
    "Aside", "AsideFiles", "Journal", "JournalFull", "JournalHeld", "JournalUnusable", "Standing", "held", "standing",
    "take_out",
]  # fmt: skip
