"""What watchers of the house read."""

from __future__ import annotations

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from ivr.web.metrics import handler
from tests.web.web_fakes import FIGURES


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
