"""The tables of ``config.toml``: every key with its kind, its bounds and its default."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

Port = Annotated[int, Field(ge=0, le=65_535)]
SourceName = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,31}$")]
Host = Annotated[str, Field(min_length=1, max_length=253)]
Weight = Annotated[float, Field(ge=0, le=10)]
Points = Annotated[float, Field(ge=0, le=100)]
Dotted = Annotated[str, Field(max_length=200, pattern=r"^([^.\s]+(\.[^.\s]+)*)?$")]
Named = Annotated[str, Field(min_length=1, max_length=200)]
DirectoryField = Literal[
    "id", "name", "numbers", "language", "tier", "vip", "region", "salutation", "salutation_zh", "email", "note", "orders",
    "cases",
]  # fmt: skip
OrderField = Literal["id", "product", "status", "ordered_at", "due_at", "amount"]
CaseField = Literal["id", "subject", "status", "opened_at", "intent", "queue", "order_id"]
PopField = Literal[
    "customer.id", "customer.name", "customer.email", "call", "ani", "dnis", "intent", "queue", "language", "agent"
]


_BRACES = re.compile(r"\{.*?\}")


def _is_web_address(template: str) -> bool:
    """Whether it leads to one host that is written in it, whatever is filled in between the braces behind that."""
    parts = urlsplit(template)
    named = parts.hostname and "{" not in parts.netloc and "@" not in parts.netloc
    return bool(parts.scheme in ("http", "https") and named and not parts.fragment.count("{number}"))


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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
    session_hours: int = Field(default=12, ge=1, le=168)
    trust_forwarded_for: bool = False
    key_requests_per_s: int = Field(default=10, ge=1, le=1_000)


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
            raise ValueError("an issuer needs client_id and redirect_uri beside it")
        if self.issuer and "openid" not in self.scopes:
            raise ValueError('scopes needs "openid"')
        if bool(self.roles) != bool(self.role_claim):
            raise ValueError("role_claim and roles go together")
        return self


class Database(_Table):
    """[database]: customers, history, contacts."""

    url: str = "sqlite:///var/ivr.db"
    country: str = Field(default="DE", pattern="^[A-Z]{2}$")


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
        if value and (not _is_web_address(value) or _BRACES.findall(value) != ["{number}"]):
            raise ValueError(
                'write an address with {number} in it: "https://crm.example.com/api/customers?phone={number}"'
            )
        return value

    @model_validator(mode="after")
    def _whole(self) -> Directory:
        if self.kind == "http" and not self.url:
            raise ValueError("http needs url")
        if self.kind == "csv" and not self.file:
            raise ValueError("csv needs file")
        if self.fields and not {"id", "name"} <= set(self.fields):
            raise ValueError("fields needs id and name")
        strange = {"http": {"numbers"}, "csv": {"vip", "orders", "cases"}}.get(self.kind, set()) & set(self.fields)
        if strange:
            raise ValueError(f"fields: {', '.join(sorted(strange))}: not with {self.kind}")
        return self


class Dialogue(_Table):
    """[dialogue]: the operators' files and how long the machine may take."""

    folder: Path = Path("dialplans")
    zone: str = "Europe/Berlin"
    currency: str = Field(default="EUR", pattern="^[A-Z]{3}$")
    lookup_wait_ms: int = Field(default=300, ge=0, le=5_000)
    robot_max_s: int = Field(default=300, ge=30, le=3_600)

    @field_validator("zone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("no time zone of that name is known; write, for example, Europe/Berlin") from error
        return value


class Identity(_Table):
    """[identity]: proofs of who is calling."""

    attempts: int = Field(default=3, ge=1, le=10)
    locked_minutes: int = Field(default=30, ge=1, le=10_080)
    code_source: str = ""
    code_path: str = Field(default="/codes", pattern="^/")


class Privacy(_Table):
    """[privacy]."""

    card_safe: bool = True


class Recording(_Table):
    """[recording]: the machine's part of calls, kept as sound; and tests that are made of calls."""

    keep: Literal["off", "consent", "all"] = "off"
    folder: Path = Path("var/recordings")
    days: int = Field(default=30, ge=1, le=3_650)
    most_mb: int = Field(default=2_000, ge=10, le=10_000_000)
    corpus: Path = Path("var/corpus")


ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""An hour of the day, "09:00"."""


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
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = (
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
    )
    attempts: int = Field(default=3, ge=1, le=20)
    retry_minutes: int = Field(default=30, ge=1, le=10_080)
    ring_s: int = Field(default=30, ge=5, le=120)
    shown: str = Field(default="", pattern=r"^\+?[0-9]{0,20}$")
    numbers: tuple[Annotated[str, Field(pattern=r"^\+[0-9]{1,15}$")], ...] = ()
    signals: dict[str, str] = {}
    apart_hours: int = Field(default=24, ge=0, le=8_760)


class Offers(_Table):
    """[offers]: what every agent may decide alone, in [dialogue] currency."""

    per_call: Decimal = Field(default=Decimal(20), ge=0, le=1_000_000)
    per_day: Decimal = Field(default=Decimal(200), ge=0, le=1_000_000)
    per_customer: Decimal = Field(default=Decimal(50), ge=0, le=1_000_000)


class Desk(_Table):
    """[desk]: what agents may do with calls."""

    outside: tuple[Annotated[str, Field(pattern=r"^\+?[0-9]{1,15}$")], ...] = ()
    pop_url: str = Field(default="", max_length=1_000)
    pop_open: bool = False

    @field_validator("pop_url")
    @classmethod
    def _safe(cls, value: str) -> str:
        if value and (not _is_web_address(value) or any(sign.isspace() for sign in value)):
            raise ValueError('write an http:// or https:// address: "https://crm.example.com/customer/{customer.id}"')
        known = get_args(PopField)
        for braces in _BRACES.findall(value):
            if braces[1:-1] not in known:
                raise ValueError(f"there is no {braces}; known are {', '.join(known)}")
        return value


class Softphone(_Table):
    """[softphone]: the phone in the agents' page."""

    enabled: bool = False
    address: Annotated[str, Field(pattern=r"^(wss?://[A-Za-z0-9.\-\[\]:]+(/[A-Za-z0-9._/\-]*)?)?$")] = ""
    passwords_file: str = ""
    ice_servers: tuple[Annotated[str, Field(pattern=r"^(stun|stuns|turn|turns):[A-Za-z0-9.\-\[\]:?=]+$")], ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Softphone:
        if self.enabled and not (self.address and self.passwords_file):
            raise ValueError("enabled needs address, where Asterisk's WebSocket is, and passwords_file")
        return self


class Webhooks(_Table):
    """[webhooks]: other systems that are told of what happens."""

    allow_private: bool = False
    key_file: str = Field(default="var/webhooks.key", min_length=1)
    give_up_hours: int = Field(default=24, ge=1, le=168)
    keep_days: int = Field(default=7, ge=1, le=90)
    most_waiting: int = Field(default=10_000, ge=100, le=1_000_000)


def _speech_servers(value: Any) -> Any:
    """One address or several; each a websocket's."""
    each = [one for one in (value,) if one] if isinstance(value, str) else value
    if isinstance(each, list):
        for one in each:
            parts = urlsplit(one) if isinstance(one, str) else None
            if parts is None or parts.scheme not in ("ws", "wss") or not parts.hostname:
                raise ValueError(f'{one!r} is no address of a speech server: "ws://HOST:2700", wss with TLS')
    return each


SpeechServers = Annotated[list[str], BeforeValidator(_speech_servers)]


class SpeechIn(_Table):
    """[speech_in]: recognition and endpointing."""

    threads: int = Field(default=0, ge=0, le=256)
    model_en: str = "auto"
    model_zh: str = "auto"
    remote_en: SpeechServers = []
    remote_zh: SpeechServers = []
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


class SpeechOut(_Table):
    """[speech_out]: the voice."""

    folder: Path = Path("audio")
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
    sources: dict[SourceName, str] = {}
    identity: Identity = Identity()
    privacy: Privacy = Privacy()
    recording: Recording = Recording()
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
