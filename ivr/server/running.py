"""A server that runs with these settings already, as whoever looks from outside sees it."""

from __future__ import annotations

import json
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import urlopen

from ivr.config.load import Config

HEALTH_S = 3.0


def health(config: Config) -> dict[str, str] | None:
    """What it says of its parts; None: there is none."""
    try:
        try:
            answer = urlopen(f"http://{config.web.host}:{config.web.port}/health", timeout=HEALTH_S)
        except HTTPError as unwell:
            answer = unwell  # it says so by its status, too
        with answer:
            told = json.loads(answer.read(65536))
    except (OSError, ValueError, HTTPException):
        return None
    parts = told.get("parts") if isinstance(told, dict) else None
    return {str(name): str(one) for name, one in parts.items()} if isinstance(parts, dict) else None
