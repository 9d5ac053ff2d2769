"""Loaded before any test, and with it the package's face, which numpy's threads are told by before numpy is there."""

import ivr  # noqa: F401
