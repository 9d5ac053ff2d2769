"""Signatures of webhooks, as Standard Webhooks 1.0 has them (https://www.standardwebhooks.com), and where secrets come from.

A secret is kept nowhere: it is worked out of the server's own key and of a salt that stands with the subscription. A copy of
the database alone signs nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"
"""What a secret begins with, as text."""
SHORTEST_KEY = 32
"""Characters."""


def secret(key: bytes, salt: str) -> bytes:
    """The secret of a salt: 256 bits."""
    return hmac.new(key, f"ivr webhook {salt}".encode(), hashlib.sha256).digest()


def check(secret: bytes) -> str:
    """By which it is seen later that a secret is still the same, when nobody has it any more to compare."""
    return hashlib.sha256(b"ivr webhook check" + secret).hexdigest()[:16]


def shown(secret: bytes) -> str:
    """A secret as whoever receives it writes it down."""
    return PREFIX + base64.b64encode(secret).decode()


def headers(secrets: Sequence[bytes], event: str, at: datetime, body: bytes) -> dict[str, str]:
    """What goes with a body: id, time, and a signature with each secret that is good at the moment."""
    stamp = str(int(at.timestamp()))
    signed = f"{event}.{stamp}.".encode() + body
    signatures = (base64.b64encode(hmac.new(one, signed, hashlib.sha256).digest()).decode() for one in secrets)
    return {
        "webhook-id": event,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
    }
