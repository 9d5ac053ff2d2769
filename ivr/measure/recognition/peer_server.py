"""Starts the Vosk project's websocket server as it stands: ``python asr_peer.py …/asr_server.py MODEL``.

Its handler takes the connection and its path; websockets gives the path no more since 14. That, and nothing else, is put
right here, so that it runs with the websockets of today.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import websockets

_serve = websockets.serve


def serve(handler: Callable[[Any, str], Awaitable[None]], *where: Any, **how: Any) -> Any:
    """As ``websockets.serve`` was, with a handler that takes the path."""
    return _serve(
        lambda connection: handler(connection, connection.request.path if connection.request else "/"), *where, **how
    )


if __name__ == "__main__":
    websockets.serve = serve  # type: ignore[assignment]  # that is the point
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")
