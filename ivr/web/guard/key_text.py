"""API keys as text: ``ivr_`` and an id, by which people know it, then 256 random bits."""

from __future__ import annotations

import hashlib
import re
import secrets

_ID_CHARS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are read wrongly."""
ID_LENGTH = 8
_FORM = re.compile(rf"ivr_([{_ID_CHARS}]{{{ID_LENGTH}}})_([A-Za-z0-9_-]{{43}})")


def new_key() -> tuple[str, str, str]:
    """A new key: its id, the digest to keep, and the whole text, which is shown once."""
    number = "".join(secrets.choice(_ID_CHARS) for _ in range(ID_LENGTH))
    secret = secrets.token_urlsafe(32)
    return number, digest(secret), f"ivr_{number}_{secret}"


def split(text: str) -> tuple[str, str]:
    """The id and the secret of a key's text; both empty when it is none of ours."""
    found = _FORM.fullmatch(text)
    return (found[1], found[2]) if found else ("", "")


def digest(secret: str) -> str:
    """What is kept of a secret. No slow hash: nobody guesses 256 random bits, however fast."""
    return hashlib.sha256(secret.encode()).hexdigest()
