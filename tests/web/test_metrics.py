"""What watchers of the house read."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from ivr.calls.caller.capacity import RecognitionLoad, RoomFigures, SpeechFigures
from ivr.calls.integrations.customer_directory import DirectoryFigures
from ivr.web.metrics import Figures, handler
from tests.web.web_fakes import FIGURES


async def read_back(figures: Figures) -> dict[tuple[str, ...], float]:
    """What Prometheus' own parser makes of them."""
    app = web.Application()
    app.router.add_get("/metrics", handler(lambda: figures))
    async with TestClient(TestServer(app)) as client:
        said = await (await client.get("/metrics")).text()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(said)
        for sample in family.samples
    }


async def test_directory_outside_is_among_them_where_there_is_one() -> None:
    assert not [name for name, *_ in await read_back(FIGURES) if "directory" in name]
    read = await read_back(replace(FIGURES, directory=DirectoryFigures("open", {"found": 7, "not_asked": 3})))
    assert [read["ivr_directory_breaker", state] for state in ("closed", "open", "half_open")] == [0, 1, 0]
    assert read["ivr_directory_results_total", "found"] == 7 and read["ivr_directory_results_total", "not_asked"] == 3
    read = await read_back(replace(FIGURES, directory=DirectoryFigures(None, {"taken_in": 1})))
    assert not [name for name, *_ in read if "breaker" in name], "a file is not asked"


async def test_recognition_is_among_them() -> None:
    assert not [name for name, *_ in await read_back(FIGURES) if "speech" in name]
    capacity = RoomFigures(heard=7, full=True, load=RecognitionLoad(0.6, 0.93), by_keys=5, given_later=2)
    servers = {"ws://a:1": (True, {"heard": 9, "lost": 1}), "ws://b:1": (False, {})}
    read = await read_back(replace(FIGURES, speech=SpeechFigures(capacity, servers)))
    assert (read["ivr_speech_calls",], read["ivr_speech_full",]) == (7, 1)
    assert (read["ivr_speech_behind_seconds",], read["ivr_speech_busy_ratio",]) == (0.6, 0.93)
    assert (read["ivr_speech_by_keys_total",], read["ivr_speech_given_later_total",]) == (5, 2)
    assert [read["ivr_speech_server_usable", address] for address in servers] == [1, 0]
    assert read["ivr_speech_server_utterances_total", "ws://a:1", "lost"] == 1


async def test_metrics_are_read_back_by_prometheus_own_parser() -> None:
    app = web.Application()
    app.router.add_get("/metrics", handler(lambda: FIGURES))
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/metrics")
        assert answer.content_type == "text/plain"
        said = await answer.text()
    read = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(said)
        for sample in family.samples
    }
    assert read["ivr_cards_complete_total",] == 38 and read["ivr_rings_total",] == 40
    assert read["ivr_cards_missing_total", "caller"] == 2
    assert read["ivr_queue_longest_wait_seconds", "orders"] == 7.5
    assert read["ivr_queue_agents_free", 'say "hi"\n'] == 1, "a queue's name cannot break the format"
    assert read["ivr_asterisk_connected",] == 1
    sent = ("sent_total", "failed_total", "left_out_total", "waiting")
    assert [read[f"ivr_webhook_events_{name}", "a1"] for name in sent] == [12, 1, 3, 4]
    assert read["ivr_webhook_oldest_waiting_seconds", "a1"] == 61.5
