"""The tables of ``config.toml``: every key with its kind, its bounds and its default.

Those of the systems that the house is connected to are in ``connected.py``.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import Field, field_validator, model_validator

from ivr.config.connected import Asterisk, Database, Directory, Media, Oidc, Softphone, Table, Web, Webhooks
from ivr.config.forms import (
    BRACES,
    PAID_IN,
    Beginning,
    BeginningAbroad,
    ClockTime,
    Currency,
    Days,
    Folder,
    Points,
    ShownNumber,
    Source,
    SourceName,
    SpeechServers,
    WebPath,
    Weekday,
    Weight,
    Zone,
    is_web_address,
    same_place,
)
from ivr.core.told import known, meant, no_such
from ivr.wire.written.refusals import At
from ivr.wire.written.strict import Amount

PopField = Literal[
    "customer.id", "customer.name", "customer.email", "call", "ani", "dnis", "intent", "queue", "language", "agent"
]


class Dialogue(Table):
    """[dialogue]: the operators' files and how long the machine may take."""

    folder: Folder = Path("dialplans")
    zone: Zone = "Europe/Berlin"
    currency: Currency = PAID_IN
    lookup_wait_ms: int = Field(default=300, ge=0, le=5_000)
    robot_max_s: int = Field(default=300, ge=30, le=3_600)


class Identity(Table):
    """[identity]: proofs of who is calling."""

    attempts: int = Field(default=3, ge=1, le=10)
    locked_minutes: int = Field(default=30, ge=1, le=10_080)
    code_source: str = ""
    code_path: WebPath = "/codes"


class Privacy(Table):
    """[privacy]: what is kept of people, for how many days (docs/privacy.md)."""

    card_safe: bool = True
    words_days: Days = 180
    notes_days: Days = 730
    contacts_days: Days = 1_095
    events_days: Days = 1_095
    signals_days: Days = 90
    call_backs_days: Days = 365
    audit_days: int = Field(default=3_653, ge=365, le=36_500)


class Recording(Table):
    """[recording]: the machine's part of calls, kept as sound; and tests that are made of calls."""

    keep: Literal["off", "consent", "all"] = "off"
    folder: Folder = Path("var/recordings")
    days: int = Field(default=30, ge=1, le=3_650)
    most_mb: int = Field(default=2_000, ge=10, le=10_000_000)
    corpus: Folder = Path("var/corpus")


class Records(Table):
    """[records]: contacts on their way into the database."""

    folder: Folder = Path("var/records")
    journal_mb: int = Field(default=64, ge=4, le=100_000)


class Routing(Table):
    """[routing]: times at the agents' side, and how heavily each reason of a decision weighs."""

    agent_ring_s: int = Field(default=15, ge=5, le=120)
    wrap_up_s: int = Field(default=60, ge=0, le=3_600)
    service_level_s: float = Field(default=20, ge=1, le=3_600)
    mode: Literal["on", "shadow"] = "on"
    learn: Literal["on", "shadow", "off"] = "on"
    learnt_weight: Weight = 1.0
    skill_weight: Weight = 0.2
    language_weight: Weight = 0.3
    region_weight: Weight = 0.1
    last_solver_weight: Weight = 0.4
    last_solver_days: int = Field(default=90, ge=1, le=3_650)
    open_case_weight: Weight = 0.35
    meant_for_weight: Weight = 1.0
    idle_every_s: float = Field(default=300, ge=10, le=86_400)
    prefer_at: float = Field(default=0.3, ge=0, le=10)
    priority_silver: Points = 2
    priority_gold: Points = 5
    priority_vip: Points = 10
    priority_repeat: Points = 8
    priority_passed_on: Points = 4
    priority_signal: Points = 3
    priority_every_s: float = Field(default=30, ge=1, le=3_600)
    language_patience_s: float = Field(default=300, ge=0, le=3_600)
    meant_for_patience_s: float = Field(default=45, ge=0, le=3_600)

    def policy(self) -> dict[str, Any]:
        """What decisions are made by: everything but the times of phones and desks, and whether decisions are carried out."""
        return self.model_dump(exclude={"agent_ring_s", "wrap_up_s", "service_level_s", "mode"})


class Callbacks(Table):
    """[callbacks]: when and how customers are called."""

    at_once: int = Field(default=5, ge=0, le=500)
    earliest: ClockTime = "09:00"
    latest: ClockTime = "20:00"
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat")
    attempts: int = Field(default=3, ge=1, le=20)
    retry_minutes: int = Field(default=30, ge=1, le=10_080)
    ring_s: int = Field(default=30, ge=5, le=120)
    shown: ShownNumber = ""
    numbers: tuple[BeginningAbroad, ...] = ()
    signals: dict[str, str] = Field(default_factory=dict)
    apart_hours: int = Field(default=24, ge=0, le=8_760)

    @model_validator(mode="after")
    def _open(self) -> Callbacks:
        if not self.days:
            raise At("days", "is empty, and nobody is ever called: name days, or write at_once = 0, which says so")
        if self.earliest >= self.latest:
            raise At("earliest", f"{self.earliest} must be before latest, {self.latest}: else nobody is ever called")
        return self


class Offers(Table):
    """[offers]: what every agent may decide alone, in [dialogue] currency."""

    per_call: Amount = Field(default=Decimal(20), ge=0, le=1_000_000)
    per_day: Amount = Field(default=Decimal(200), ge=0, le=1_000_000)
    per_customer: Amount = Field(default=Decimal(50), ge=0, le=1_000_000)


class Desk(Table):
    """[desk]: what agents may do with calls."""

    outside: tuple[Beginning, ...] = ()
    pop_url: str = Field(default="", max_length=1_000)
    pop_open: bool = False

    @field_validator("pop_url")
    @classmethod
    def _safe(cls, value: str) -> str:
        if value and (not is_web_address(value) or any(sign.isspace() for sign in value)):
            raise ValueError('write an http:// or https:// address: "https://crm.example.com/customer/{customer.id}"')
        fields = get_args(PopField)
        for braces in BRACES.findall(value):
            if braces[1:-1] not in fields:
                guess = meant(braces[1:-1], fields)
                raise ValueError(f"there is no {braces}{guess}{' Known' if guess else '; known'} are {known(fields)}")
        return value


class SpeechIn(Table):
    """[speech_in]: recognition and endpointing."""

    threads: int = Field(default=0, ge=0, le=256)
    model_en: str = "auto"
    model_zh: str = "auto"
    remote_en: SpeechServers = ()
    remote_zh: SpeechServers = ()
    remote_answer_ms: int = Field(default=1_500, ge=100, le=6_000)
    calls_at_once: int = Field(default=0, ge=0, le=10_000)
    backlog_ms: int = Field(default=500, ge=50, le=3_000)
    voice_aggressiveness: int = Field(default=2, ge=0, le=3)
    begin_ms: int = Field(default=100, ge=20, le=140)
    no_input_ms: int = Field(default=5_000, ge=500, le=60_000)
    longest_ms: int = Field(default=15_000, ge=1_000, le=120_000)
    end_silence_open_ms: int = Field(default=600, ge=200, le=3_000)
    end_silence_yes_no_ms: int = Field(default=450, ge=200, le=3_000)
    end_silence_digits_ms: int = Field(default=900, ge=200, le=3_000)
    end_silence_value_ms: int = Field(default=900, ge=200, le=3_000)
    follow_words: bool = True


class SpeechOut(Table):
    """[speech_out]: the voice."""

    folder: Folder = Path("audio")
    engine_en: Literal["pyttsx3", "flite", "rhvoice"] = "pyttsx3"
    engine_zh: Literal["pyttsx3"] = "pyttsx3"
    voice_en: str = Field(default="auto", min_length=1)
    voice_zh: str = Field(default="auto", min_length=1)
    rate_wpm: int = Field(default=155, ge=80, le=300)


class Understanding(Table):
    """[understanding]: the intent classifier."""

    encoder: Literal["auto", "off"] = "auto"


class Log(Table):
    """[log]."""

    format: Literal["auto", "json", "console"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Config(Table):
    """All settings, each with its default."""

    asterisk: Asterisk = Asterisk()
    media: Media = Media()
    web: Web = Web()
    oidc: Oidc = Oidc()
    database: Database = Database()
    directory: Directory = Directory()
    dialogue: Dialogue = Dialogue()
    sources: dict[SourceName, Source] = Field(default_factory=dict)
    identity: Identity = Identity()
    privacy: Privacy = Privacy()
    recording: Recording = Recording()
    records: Records = Records()
    routing: Routing = Routing()
    desk: Desk = Desk()
    callbacks: Callbacks = Callbacks()
    offers: Offers = Offers()
    softphone: Softphone = Softphone()
    webhooks: Webhooks = Webhooks()
    speech_in: SpeechIn = SpeechIn()
    speech_out: SpeechOut = SpeechOut()
    understanding: Understanding = Understanding()
    log: Log = Log()

    @model_validator(mode="after")
    def _together(self) -> Config:
        if self.identity.code_source and self.identity.code_source not in self.sources:
            raise At("identity.code_source", no_such("source", self.identity.code_source, self.sources))
        places: tuple[tuple[str, Asterisk | Media | Web], ...] = (
            ("asterisk", self.asterisk), ("media", self.media), ("web", self.web))  # fmt: skip
        for (first, a), (second, b) in combinations(places, 2):
            if a.port == b.port != 0 and (a.host == b.host or same_place(a.host, b.host)):
                here, there = (second, first) if "port" in b.model_fields_set else (first, second)
                raise At(f"{here}.port", f"{a.port} is [{there}] port, too: each needs one of its own")
        return self
