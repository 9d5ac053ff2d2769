"""The dialogue engine: pure functions from events to commands."""

from ivr.core.dialogue.engine import begin, step
from ivr.core.dialogue.place import PERSON_INTENT, Place, World

__all__ = ["PERSON_INTENT", "Place", "World", "begin", "step"]
