"""Other names for the people in calls that become tests: always the same for the same person, and not to be turned back."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from ivr.core.caller import Customer
from ivr.core.language import Language

KEY_FILE = "pseudonyms.key"
KEY_BYTES = 32
HIDDEN_DIGITS = 7
"""The last ones of a number: its country and region stay, because what a dialogue does may depend on them."""
_SOMEBODY: dict[Language, str] = {"en": "caller", "zh": "客户"}
_SHORT = 3
"""Letters of a name's part in our script below which it may be any word."""


def read_key(folder: Path) -> bytes:
    """The key of a house, made when it is first needed. Raises OSError."""
    path = folder / KEY_FILE
    try:
        return path.read_bytes()
    except FileNotFoundError:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = folder / f".{KEY_FILE}.{os.getpid()}"
        half.touch(mode=0o600)
        half.write_bytes(secrets.token_bytes(KEY_BYTES))
        try:
            os.link(half, path)  # whoever was faster keeps theirs
        except FileExistsError:
            pass
        finally:
            half.unlink()
        return path.read_bytes()


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Names by HMAC-SHA-256: without the key nobody can try all numbers."""

    key: bytes

    def _of(self, kind: str, text: str) -> bytes:
        return hmac.new(self.key, f"{kind}\0{text}".encode(), hashlib.sha256).digest()

    def digest(self, name: str) -> str:
        """What stands for a number or an id in the list of erasures."""
        return self._of("erased", name).hex()

    def number(self, number: str) -> str:
        """A telephone number of the same length and country."""
        digits = str(int.from_bytes(self._of("number", number)[:8], "big"))[-HIDDEN_DIGITS:]
        whole = [place for place, sign in enumerate(number) if sign.isdigit()]
        made = list(number)
        for place, digit in zip(whole[-HIDDEN_DIGITS:], digits.rjust(HIDDEN_DIGITS, "5"), strict=False):
            made[place] = digit
        return "".join(made)

    def id(self, customer: str) -> str:
        return f"C-{self._of('customer', customer).hex()[:8]}"

    def name(self, customer: str) -> str:
        """A customer's, as it may be said."""
        return f"Caller {self._of('customer', customer).hex()[:4].upper()}"


def without_names(text: str, customer: Customer | None, language: Language) -> str:
    """What somebody has said, without the names that they are known under."""
    if customer is None:
        return text
    for name in sorted(_names(customer), key=len, reverse=True):
        if name.isascii():
            text = re.sub(rf"\b{re.escape(name)}\b", _SOMEBODY[language], text, flags=re.IGNORECASE)
        else:
            text = text.replace(name, _SOMEBODY[language])
    return text


def _names(customer: Customer) -> set[str]:
    parts = {customer.name, *customer.name.split(), customer.email or "", customer.salutation_zh or ""}
    return {part for part in parts if len(part) >= (_SHORT if part.isascii() else 2)}
