"""The tables of ``config.toml`` for what the house is connected to: Asterisk, its pages and phones, databases, other systems."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator, model_validator

from ivr.config.forms import (
    BRACES,
    HERE,
    Country,
    DatabaseUrl,
    Dotted,
    Host,
    HostName,
    IceServer,
    Named,
    Port,
    SocketAddress,
    is_web_address,
)
from ivr.wire.written.refusals import At
from ivr.wire.written.strict import STRICT, lists_are_tuples

DirectoryField = Literal["id", "name", "numbers", "language", "tier", "vip", "region", "salutation", "salutation_zh", "email",
    "note", "orders", "cases"]  # fmt: skip
OrderField = Literal["id", "product", "status", "ordered_at", "due_at", "amount"]
CaseField = Literal["id", "subject", "status", "opened_at", "intent", "queue", "order_id"]


class Table(BaseModel):
    """One table: no key that is not known, no value that is bent into shape."""

    model_config = STRICT
    _lists = lists_are_tuples


class Asterisk(Table):
    """[asterisk]: the manager interface."""

    host: Host = "127.0.0.1"
    port: Port = 5038
    username: str = "ivr"
    secret_file: str = ""


class Media(Table):
    """[media]: the AudioSocket server."""

    host: Host = "127.0.0.1"
    port: Port = 9092


class Web(Table):
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


class Oidc(Table):
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


class Database(Table):
    """[database]: customers, history, contacts."""

    url: DatabaseUrl = "sqlite:///var/ivr.db"
    country: Country = HERE


class Directory(Table):
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


class Softphone(Table):
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


class Webhooks(Table):
    """[webhooks]: other systems that are told of what happens."""

    allow_private: bool = False
    key_file: str = Field(default="var/webhooks.key", min_length=1)
    give_up_hours: int = Field(default=24, ge=1, le=168)
    keep_days: int = Field(default=7, ge=1, le=90)
    most_waiting: int = Field(default=10_000, ge=100, le=1_000_000)
