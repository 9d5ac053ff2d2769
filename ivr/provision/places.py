"""Where the installation keeps things: what it brings beside its code, and what it has fetched."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
IN_CHECKOUT = not (_PACKAGE / "shipped").is_dir()
INSTALLED = _PACKAGE.parent if IN_CHECKOUT else _PACKAGE / "shipped"
"""The folder with dialogues, bundled model and pronunciation: in a checkout, the checkout."""
_OF_USER = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ivr"
CACHE = Path(os.environ.get("IVR_CACHE") or (INSTALLED / ".cache" if IN_CHECKOUT else _OF_USER))
"""Speech models, sentence encoder, the page's phone: fetched once, for every house on this machine."""
