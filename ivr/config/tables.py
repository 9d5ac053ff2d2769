"""The tables of ``config.toml``: every key with its kind, its bounds and its default.

Long: every setting stands in one file, in the order of config.toml, so that one look finds it.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator, model_validator

from ivr.config.forms import (
    BRACES,
    HERE,
    PAID_IN,
    Beginning,
    BeginningAbroad,
    ClockTime,
    Country,
    Currency,
    DatabaseUrl,
    Days,
    Dotted,
    Folder,
    Host,
    HostName,
    IceServer,
    Named,
    Points,
    Port,
    ShownNumber,
    SocketAddress,
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
from ivr.wire.written.strict import STRICT, Amount, lists_are_tuples

DirectoryField = Literal["id", "name", "numbers", "language", "tier", "vip", "region", "salutation", "salutation_zh", "email",
    "note", "orders", "cases"]  # fmt: skip
OrderField = Literal["id", "product", "status", "ordered_at", "due_at", "amount"]
CaseField = Literal["id", "subject", "status", "opened_at", "intent", "queue", "order_id"]
PopField = Literal[
    "customer.id", "customer.name", "customer.email", "call", "ani", "dnis", "intent", "queue", "language", "agent"
]


class _Table(BaseModel):
    model_config = STRICT
    _lists = lists_are_tuples


class Asterisk(_Table):
    """[asterisk]: the manager interface."""

    host: Host = "127.0.0.1"
    port: Port = 5038
    username: str = "ivr"
    secret_file: str = ""


class Media(_Table):
    """[media]: the AudioSocket server."""

    host: Host = "127.0.0.1"
    port: Port = 9092


class Web(_Table):
    """[web]: the agents' pages."""

    host: Host = "127.0.0.1"
    port: Port = 8080
    secure_cookies: bool = False
    hosts: tuple[HostName, ...] = ()
    second_factor: Literal["off", "admins", "supervisors"] = "off"
    session_hours: int = Field(default=12, ge=1, le=168)
    trust_forwarded_for: bool = False
    key_requests_per_s: int = Field(default=10, ge=1, le=1_000)
    key_file: str = Field(default="var/web.key", min_length=1)


class Oidc(_Table):
    """[oidc]: signing in at a provider of OpenID Connect."""

    issuer: str = Field(default="", max_length=200)
    name: str = Field(default="single sign-on", min_length=1, max_length=60)
    client_id: str = ""
    redirect_uri: str = ""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    login_claim: str = Field(default="preferred_username", min_length=1)
    domains: tuple[str, ...] = ()
    role_claim: str = ""
    roles: dict[str, Literal["agent", "supervisor", "admin"]] = {}
    create: bool = False

    @field_validator("issuer", "redirect_uri")
    @classmethod
    def _safe(cls, value: str) -> str:
        parts = urlsplit(value)
        local = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
        if value and (not (parts.scheme == "https" or local) or not parts.hostname or parts.query or parts.fragment):
            raise ValueError("write an https:// address; http:// is for a trial on this machine only")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Oidc:
        if self.issuer and not (self.client_id and self.redirect_uri):
            raise At("issuer", "needs client_id and redirect_uri beside it")
        if self.issuer and "openid" not in self.scopes:
            raise At("scopes", '"openid" is missing: write scopes = ["openid", "profile", "email"]')
        if bool(self.roles) != bool(self.role_claim):
            raise At("role_claim", "goes together with roles: write both, or neither")
        return self


class Database(_Table):
    """[database]: customers, history, contacts."""

    url: DatabaseUrl = "sqlite:///var/ivr.db"
    country: Country = HERE


class Directory(_Table):
    """[directory]: who knows the customers."""

    kind: Literal["database", "http", "csv"] = "database"
    url: str = Field(default="", max_length=500)
    timeout_ms: int = Field(default=1_500, ge=50, le=4_000)
    cache_s: int = Field(default=60, ge=0, le=86_400)
    cache_numbers: int = Field(default=10_000, ge=1, le=1_000_000)
    failures: int = Field(default=5, ge=1, le=1_000)
    pause_s: int = Field(default=30, ge=1, le=3_600)
    file: str = ""
    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    delimiter: Literal[",", ";", "\t"] = ","
    record: Dotted = ""
    fields: dict[DirectoryField, Named] = {}
    order_fields: dict[OrderField, Named] = {}
    case_fields: dict[CaseField, Named] = {}
    words: dict[str, str] = {}

    @field_validator("url")
    @classmethod
    def _askable(cls, value: str) -> str:
        if value and (not is_web_address(value) or BRACES.findall(value) != ["{number}"]):
            raise ValueError(
                'write an address with {number} in it: "https://crm.example.com/api/customers?phone={number}"'
            )
        return value

    @model_validator(mode="after")
    def _whole(self) -> Directory:
        if self.kind == "http" and not self.url:
            raise At("url", 'is missing: kind = "http" needs the address of the customers\' system with {number} in it')
        if self.kind == "csv" and not self.file:
            raise At("file", 'is missing: kind = "csv" needs the place of the table of customers')
        if self.fields and not {"id", "name"} <= set(self.fields):
            raise At("fields", 'needs id and name: write fields = { id = "their column", name = "their column" }')
        strange = {"http": {"numbers"}, "csv": {"vip", "orders", "cases"}}.get(self.kind, set()) & set(self.fields)
        if strange:
            raise At("fields", f'{", ".join(sorted(strange))} cannot be had with kind = "{self.kind}": leave it out')
        return self


class Dialogue(_Table):
    """[dialogue]: the operators' files and how long the machine may take."""

    folder: Folder = Path("dialplans")
    zone: Zone = "Europe/Berlin"
    currency: Currency = PAID_IN
    lookup_wait_ms: int = Field(default=300, ge=0, le=5_000)
    robot_max_s: int = Field(default=300, ge=30, le=3_600)


class Identity(_Table):
    """[identity]: proofs of who is calling."""

    attempts: int = Field(default=3, ge=1, le=10)
    locked_minutes: int = Field(default=30, ge=1, le=10_080)
    code_source: str = ""
    code_path: WebPath = "/codes"


class Privacy(_Table):
    """[privacy]: what is kept of people, for how many days (docs/privacy.md)."""

    card_safe: bool = True
    words_days: Days = 180
    notes_days: Days = 730
    contacts_days: Days = 1_095
    events_days: Days = 1_095
    signals_days: Days = 90
    call_backs_days: Days = 365
    audit_days: int = Field(default=3_653, ge=365, le=36_500)


class Recording(_Table):
    """[recording]: the machine's part of calls, kept as sound; and tests that are made of calls."""

    keep: Literal["off", "consent", "all"] = "off"
    folder: Folder = Path("var/recordings")
    days: int = Field(default=30, ge=1, le=3_650)
    most_mb: int = Field(default=2_000, ge=10, le=10_000_000)
    corpus: Folder = Path("var/corpus")


class Records(_Table):
    """[records]: contacts on their way into the database."""

    folder: Folder = Path("var/records")
    journal_mb: int = Field(default=64, ge=4, le=100_000)


class Routing(_Table):
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


class Callbacks(_Table):
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
    signals: dict[str, str] = {}
    apart_hours: int = Field(default=24, ge=0, le=8_760)

    @model_validator(mode="after")
    def _open(self) -> Callbacks:
        if not self.days:
            raise At("days", "is empty, and nobody is ever called: name days, or write at_once = 0, which says so")
        if self.earliest >= self.latest:
            raise At("earliest", f"{self.earliest} must be before latest, {self.latest}: else nobody is ever called")
        return self


class Offers(_Table):
    """[offers]: what every agent may decide alone, in [dialogue] currency."""

    per_call: Amount = Field(default=Decimal(20), ge=0, le=1_000_000)
    per_day: Amount = Field(default=Decimal(200), ge=0, le=1_000_000)
    per_customer: Amount = Field(default=Decimal(50), ge=0, le=1_000_000)


class Desk(_Table):
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


class Softphone(_Table):
    """[softphone]: the phone in the agents' page."""

    enabled: bool = False
    address: SocketAddress = ""
    passwords_file: str = ""
    ice_servers: tuple[IceServer, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Softphone:
        if self.enabled and not (self.address and self.passwords_file):
            raise At("enabled", "needs address, where Asterisk's WebSocket is, and passwords_file")
        return self


class Webhooks(_Table):
    """[webhooks]: other systems that are told of what happens."""

    allow_private: bool = False
    key_file: str = Field(default="var/webhooks.key", min_length=1)
    give_up_hours: int = Field(default=24, ge=1, le=168)
    keep_days: int = Field(default=7, ge=1, le=90)
    most_waiting: int = Field(default=10_000, ge=100, le=1_000_000)


class SpeechIn(_Table):
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


class SpeechOut(_Table):
    """[speech_out]: the voice."""

    folder: Folder = Path("audio")
    engine_en: Literal["pyttsx3", "flite", "rhvoice"] = "pyttsx3"
    engine_zh: Literal["pyttsx3"] = "pyttsx3"
    voice_en: str = Field(default="auto", min_length=1)
    voice_zh: str = Field(default="auto", min_length=1)
    rate_wpm: int = Field(default=155, ge=80, le=300)


class Understanding(_Table):
    """[understanding]: the intent classifier."""

    encoder: Literal["auto", "off"] = "auto"


class Log(_Table):
    """[log]."""

    format: Literal["auto", "json", "console"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Config(_Table):
    """All settings, each with its default."""

    asterisk: Asterisk = Asterisk()
    media: Media = Media()
    web: Web = Web()
    oidc: Oidc = Oidc()
    database: Database = Database()
    directory: Directory = Directory()
    dialogue: Dialogue = Dialogue()
    sources: dict[SourceName, Source] = {}
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
