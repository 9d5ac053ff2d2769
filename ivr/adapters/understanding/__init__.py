"""What the caller wants: operator's phrases in, ranked guesses with evidence out; "none of these" is an answer."""

from ivr.adapters.understanding.encoder import EncoderMissingError, SentenceEncoder
from ivr.adapters.understanding.understanding import KEYWORD_SCORE, Understanding

__all__ = ["KEYWORD_SCORE", "EncoderMissingError", "SentenceEncoder", "Understanding"]
