"""Ports that stay free until their owner opens them."""

import socket
from pathlib import Path

import pytest

from ivr.lab import ports
from ivr.lab.ports import NoPortFree, free_port, free_rtp


def test_none_is_one_that_the_system_gives_to_connections() -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(free_port() for _ in range(50)) < first and free_rtp()[1] < first


def test_another_one_with_each_call_though_nobody_opened_the_last() -> None:
    given = [free_port() for _ in range(200)]
    assert len(set(given)) == 200


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_none_that_somebody_has_open(kind: socket.SocketKind, monkeypatch: pytest.MonkeyPatch) -> None:
    taken, other = sorted(free_port() for _ in range(2))
    monkeypatch.setattr(ports, "SINGLE", (taken, other))
    with socket.socket(socket.AF_INET, kind) as held:
        held.bind(("127.0.0.1", taken))
        assert {free_port() for _ in range(4)} == {other}


def test_no_port_left_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    low, _ = free_rtp()
    monkeypatch.setattr(ports, "SINGLE", range(low, low + 1))
    monkeypatch.setattr(ports, "RTP", range(low, low + 400, 400))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", low))
        with pytest.raises(NoPortFree, match=f"no free port was found on 127.0.0.1 between {low}"):
            free_port()
        with pytest.raises(NoPortFree, match="no 400 free ports in a row"):
            free_rtp()
