"""``GET /metrics``: how the house stands, for Prometheus and everything that reads its text format."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from ivr.calls.caller.capacity import SpeechFigures
from ivr.calls.caller.recording import RecordingFigures
from ivr.calls.integrations.customer_directory import DirectoryFigures
from ivr.calls.recorder import Backlog
from ivr.core.breaker import BREAKER_STATES


@dataclass(frozen=True, slots=True)
class Hook:
    """The figures of one webhook."""

    sent: int
    failed: int
    """Given up."""
    left_out: int
    """Never taken, because too many waited."""
    waiting: int
    oldest_s: float
    """How long the first that waits has waited."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one moment; ``ivr.server.app`` gathers them."""

    asterisk_connected: bool
    calls: Mapping[str, int]
    """Live calls by where they are: machine, queue, agent, wrap_up."""
    agents: Mapping[str, int]
    """Agents by state."""
    waiting: Mapping[str, tuple[int, float, int]]
    """Queue → calls that wait, the longest wait in seconds, free agents."""
    rings: int
    cards_complete: int
    cards_missing: Mapping[str, int]
    records: Backlog
    """How far the writing of contacts is behind."""
    directory: DirectoryFigures | None = None
    """How the directory of customers outside stands; None: there is none."""
    recordings: RecordingFigures | None = None
    """How recording stands; None: nothing is recorded."""
    speech: SpeechFigures | None = None
    """How recognition stands."""
    webhooks: Mapping[str, Hook] = field(default_factory=dict)
    """By their ids."""


class _House:
    """Collects the figures when somebody asks."""

    def __init__(self, figures: Callable[[], Figures]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """Every metric, as the registry wants it."""
        now = self._figures()
        yield _gauge(
            "ivr_asterisk_connected", "1 while the manager interface is connected", int(now.asterisk_connected)
        )
        yield _by("ivr_calls", "Live calls by where they are", "place", now.calls.items())
        yield _by("ivr_agents", "Agents by state", "state", now.agents.items())
        yield _by("ivr_queue_waiting", "Calls that wait", "queue", ((q, one[0]) for q, one in now.waiting.items()))
        yield _by(
            "ivr_queue_longest_wait_seconds", "How long the first in the line waits", "queue",
            ((q, one[1]) for q, one in now.waiting.items()),
        )  # fmt: skip
        yield _by(
            "ivr_queue_agents_free",
            "Agents who could take a call",
            "queue",
            ((q, one[2]) for q, one in now.waiting.items()),
        )
        yield _counter("ivr_rings", "Rings of agents' phones", now.rings)
        yield _counter("ivr_cards_complete", "Rings at which the whole card was on the desk", now.cards_complete)
        missing = CounterMetricFamily("ivr_cards_missing", "What cards lacked at a ring", labels=["what"])
        for what, count in sorted(now.cards_missing.items()):
            missing.add_metric([what], count)
        yield missing
        yield from _records(now.records)
        if now.directory:
            yield from _directory(now.directory)
        if now.recordings:
            yield from _recordings(now.recordings)
        if now.speech:
            yield from _speech(now.speech)
        yield from _hooks(now.webhooks)


def _records(now: Backlog) -> Iterator[Metric]:
    yield _gauge("ivr_contacts_unwritten", "Contacts with news that is not in the database yet", now.contacts)
    yield _gauge("ivr_contacts_unwritten_seconds", "How long the oldest of that has waited", now.seconds)
    yield _gauge(
        "ivr_contacts_aside", "Contacts that the database refuses, in files of their own: ivr records", now.aside
    )
    yield _gauge("ivr_journal_used_ratio", "The share of the journal that waits for the database", now.journal_used)
    yield _counter("ivr_contacts_lost", "Contacts that could not be written", now.dropped)


def _recordings(now: RecordingFigures) -> Iterator[Metric]:
    yield _counter("ivr_recordings_written", "Recordings of calls that were written", now.written)
    yield _counter("ivr_recordings_lost", "Recordings that could not be written", now.lost)
    yield _gauge("ivr_recordings_bytes", "What recordings take on the disk", now.bytes)


def _speech(now: SpeechFigures) -> Iterator[Metric]:
    capacity = now.capacity
    yield _gauge("ivr_speech_calls", "Calls that have recognition", capacity.heard)
    yield _gauge("ivr_speech_full", "1 while new calls begin with keys because too many speak", int(capacity.full))
    yield _gauge(
        "ivr_speech_behind_seconds", "The longest wait for being decoded, of the last seconds", capacity.load.behind_s
    )
    yield _gauge(
        "ivr_speech_busy_ratio", "The share of the decoders' time that is work, over seconds", capacity.load.busy
    )
    yield _counter("ivr_speech_by_keys", "Calls that began with keys because too many spoke", capacity.by_keys)
    yield _counter(
        "ivr_speech_given_later", "Of these, those that were given recognition after all", capacity.given_later
    )
    up = ((address, float(usable)) for address, (usable, _) in now.servers.items())
    yield _by("ivr_speech_server_usable", "1 while callers are given to a speech server", "address", up)
    results = CounterMetricFamily(
        "ivr_speech_server_utterances", "Utterances on speech servers", labels=["address", "result"]
    )
    for address, (_, counts) in sorted(now.servers.items()):
        for result, count in sorted(counts.items()):
            results.add_metric([address, result], count)
    yield results


def _directory(now: DirectoryFigures) -> Iterator[Metric]:
    if now.breaker:
        states = ((state, float(state == now.breaker)) for state in BREAKER_STATES)
        yield _by("ivr_directory_breaker", "1 at the state of the breaker before the directory", "state", states)
    results = CounterMetricFamily("ivr_directory_results", "What came of asking the directory", labels=["result"])
    for result, count in sorted(now.results.items()):
        results.add_metric([result], count)
    yield results


def handler(figures: Callable[[], Figures]) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The handler of the route."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_House(figures))

    async def metrics(_request: web.Request) -> web.Response:
        """``GET /metrics``."""
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return metrics


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(name, text, value=value)


def _hooks(hooks: Mapping[str, Hook]) -> Iterator[Metric]:
    sent = CounterMetricFamily("ivr_webhook_events_sent", "Events that receivers have", labels=["webhook"])
    failed = CounterMetricFamily("ivr_webhook_events_failed", "Events that were given up", labels=["webhook"])
    left_out = CounterMetricFamily(
        "ivr_webhook_events_left_out", "Events not taken because too many waited", labels=["webhook"]
    )
    for name, one in sorted(hooks.items()):
        sent.add_metric([name], one.sent)
        failed.add_metric([name], one.failed)
        left_out.add_metric([name], one.left_out)
    yield from (sent, failed, left_out)
    yield _by("ivr_webhook_events_waiting", "Events that wait", "webhook", ((n, h.waiting) for n, h in hooks.items()))
    yield _by(
        "ivr_webhook_oldest_waiting_seconds", "How long the first that waits has waited", "webhook",
        ((n, h.oldest_s) for n, h in hooks.items()),
    )  # fmt: skip


def _by(name: str, text: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    made = GaugeMetricFamily(name, text, labels=[label])
    for key, value in sorted(values):
        made.add_metric([key], value)
    return made
