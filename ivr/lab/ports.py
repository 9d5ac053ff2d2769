"""Ports on 127.0.0.1 for what is started here: free now, and still free when their owner opens them, or comes back."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket

SINGLE = range(10_000, 20_000, 2)
"""Below what Linux gives to connections by itself (32768 and up, ip(7)): one of those may be taken by anybody between the
moment at which it was found free and the moment at which a server opens it. Even, as RTP wants it (RFC 3550 section 11)."""
RTP = range(20_000, 32_000, 400)
_APART = 3089
"""The golden part of 5,000: processes that were started one after the other begin far from each other."""
_given = itertools.count()


class NoPortFree(OSError):
    """Every port that was tried is taken."""


def free_port() -> int:
    """A port that is free for TCP and UDP, another one with each call; raises NoPortFree."""
    for turn in itertools.islice(_given, len(SINGLE)):
        port = SINGLE[(os.getpid() * _APART + turn) % len(SINGLE)]
        if _free(port):
            return port
    raise NoPortFree(f"no free port was found on 127.0.0.1 between {SINGLE[0]} and {SINGLE[-1]}")


def free_rtp() -> tuple[int, int]:
    """First and last of 400 ports for sound, found by trying both ends; raises NoPortFree."""
    for turn in range(len(RTP)):
        base = RTP[(os.getpid() + turn) % len(RTP)]
        if _free(base) and _free(base + 399):
            return base, base + 399
    raise NoPortFree(f"no 400 free ports in a row were found on 127.0.0.1 between {RTP.start} and {RTP.stop}")


def _free(port: int) -> bool:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        contextlib.suppress(OSError),
    ):
        tcp.bind(("127.0.0.1", port))
        udp.bind(("127.0.0.1", port))
        return True
    return False
