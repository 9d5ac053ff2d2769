"""API keys of other systems: ``/keys``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field

from ivr.calls.people.api_keys import ApiKey, Keys, Scope
from ivr.core.texts import text
from ivr.web.api.endpoint import Answer, Call, Endpoint, Model
from ivr.web.api.faults import Wrong
from ivr.web.api.field_types import Line, Time
from ivr.web.guard.key_text import ID_LENGTH, new_key
from ivr.web.guard.route_needs import Needs
from ivr.web.problems import Problem

ADMIN = Needs(role="admin")
LONGEST = timedelta(days=3660)

State = Literal["open", "expired", "revoked"]


def _ahead(at: datetime) -> datetime:
    if not datetime.now(UTC) < at <= datetime.now(UTC) + LONGEST:
        raise Wrong(text("api.people.key_expiry"))
    return at


class Key(Model):
    """A key, without its secret."""

    id: str
    name: str
    scopes: list[Scope]
    state: State
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None
    """When it was last used, right to the hour."""


class KeyList(Model):
    """Every key there ever was, the newest first."""

    items: list[Key]


class MadeKey(Key):
    """A new key, with the text that opens: shown this once, and kept nowhere."""

    key: str


class WantedKey(Model):
    """A key to be made."""

    name: Annotated[Line, Field(max_length=100)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(get_args(Scope)))]
    expires_at: Annotated[Time, AfterValidator(_ahead)] | None = None


class ByKey(Model):
    """``{id}`` in the address."""

    id: Annotated[str, Field(pattern=rf"^[a-z0-9]{{{ID_LENGTH}}}$")]


class KeysApi:
    """The endpoints."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [
            Endpoint("GET", "/keys", ADMIN, self.list_keys, {200: KeyList}),
            Endpoint("POST", "/keys", ADMIN, self.make_key, {201: MadeKey}, act="key.added"),
            Endpoint("DELETE", "/keys/{id}", ADMIN, self.revoke_key, {204: None}, (404,), act="key.revoked"),
        ]

    async def list_keys(self, call: Call) -> Answer:
        """Every API key, without its secret"""
        return Answer(200, KeyList(items=[Key(**_shown(key)) for key in await self._keys.all()]))

    async def make_key(self, call: Call, body: WantedKey) -> Answer:
        """Make an API key, which is shown this once"""
        number, digest, text = new_key()
        scopes = tuple(dict.fromkeys(body.scopes))
        now = datetime.now(UTC)
        key = ApiKey(number, body.name, digest, scopes, now, call.account.login, body.expires_at)
        await self._keys.add(key, call.by)
        return Answer(201, MadeKey(**_shown(await self._keys.find(number) or key), key=text))

    async def revoke_key(self, call: Call, path: ByKey) -> Answer:
        """Let an API key open nothing any more, at once and for ever"""
        if not await self._keys.revoke(path.id, datetime.now(UTC), call.by):
            raise Problem(404)
        return Answer(204)


def _shown(key: ApiKey) -> dict[str, Any]:
    state: State = "open" if key.opens(datetime.now(UTC)) else "revoked" if key.revoked_at else "expired"
    return {
        "id": key.id, "name": key.name, "scopes": list(key.scopes), "state": state, "created_at": key.created_at,
        "created_by": key.created_by, "expires_at": key.expires_at, "revoked_at": key.revoked_at, "used_at": key.used_at,
    }  # fmt: skip
