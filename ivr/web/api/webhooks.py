"""Webhooks: who is told of what happens here: ``/webhooks``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator
from pydantic.json_schema import SkipJsonSchema

from ivr.calls.integrations import webhooks
from ivr.calls.integrations.webhook_admin import WebhookAdmin
from ivr.calls.integrations.webhooks import DeliveryResult, Standing, State
from ivr.core.texts import family, text
from ivr.web.api.endpoint import Answer, Call, Endpoint, Model
from ivr.web.api.faults import FORMS, Wrong
from ivr.web.api.field_types import Paged, cursor, number_after
from ivr.web.guard.route_needs import Needs
from ivr.web.problems import Fault, Problem
from ivr.wire.webhooks.addresses import odd
from ivr.wire.webhooks.events import EVENTS, EventType, in_order

MANAGE = Needs(role="admin", scope="webhooks:manage")
URL = r"^https?://[!-~]+$"
FORMS[URL] = text("api.form.url")
_ODD = family("api.webhooks.odd")

Url = Annotated[str, Field(min_length=1, max_length=500, pattern=URL)]
Events = Annotated[list[EventType], Field(min_length=1, max_length=len(EVENTS))]


class Webhook(Model):
    """A subscription, without its secret, and how far it has come."""

    id: str
    url: str
    events: list[EventType]
    words: bool
    """Whether what people said and wrote is sent, too."""
    active: bool
    off_why: Literal["gone"] | None
    """Why it is off when nobody has switched it off: ``gone``, the receiver has answered 410."""
    created_at: datetime
    created_by: str
    old_secret_until: datetime | None
    """Until then the secret before signs as well."""
    waiting: int
    oldest_waiting_at: datetime | None
    failed: int
    """Events that were given up, of those that are still kept."""
    left_out: int
    """Events that were never taken because too many waited."""
    delivered_at: datetime | None
    error: str | None
    """What went wrong last, with one that waits or was given up."""


class WebhookList(Model):
    """Every subscription, the oldest first."""

    items: list[Webhook]


class MadeWebhook(Webhook):
    """A subscription with its secret: shown this once."""

    secret: str


class WantedWebhook(Model):
    """A subscription to be made."""

    url: Url
    events: Events
    words: bool = False
    active: bool = True


class WebhookChange(Model):
    """What is to be different; what is left out stays as it is."""

    url: Url | SkipJsonSchema[None] = None
    events: Events | SkipJsonSchema[None] = None
    words: bool | SkipJsonSchema[None] = None
    active: bool | SkipJsonSchema[None] = None

    @field_validator("url", "events", "words", "active")
    @classmethod
    def _given(cls, value: object) -> object:
        if value is None:
            raise Wrong(text("api.form.null"))
        return value


class ByWebhook(Model):
    """``{id}`` in the address."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class Trial(Model):
    """What came of a test."""

    delivered: bool
    status: int | None
    error: str | None
    took_ms: float


class DeliveryQuery(Paged):
    """Which events are wanted."""

    state: State | None = None


class Delivery(Model):
    """What has become of one event."""

    event: str
    """Its id, as ``webhook-id`` has it."""
    type: str
    about: str
    """The contact or signal that it belongs to."""
    state: State
    tries: int
    made_at: datetime
    next_at: datetime | None
    done_at: datetime | None
    error: str | None


class DeliveryPage(Model):
    """The newest first; ``next`` is the cursor of the following page, null on the last."""

    items: list[Delivery]
    next: str | None


class WebhooksApi:
    """The endpoints."""

    def __init__(self, office: WebhookAdmin, allow_private: bool) -> None:
        self._office = office
        self._allow_private = allow_private

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        by_id = "/webhooks/{id}"
        return [
            Endpoint("GET", "/webhooks", MANAGE, self.list_webhooks, {200: WebhookList}),
            Endpoint("POST", "/webhooks", MANAGE, self.make_webhook, {201: MadeWebhook}, (409,), act="webhook.added"),
            Endpoint("PATCH", by_id, MANAGE, self.change_webhook, {200: Webhook}, (404,), act="webhook.changed"),
            Endpoint("DELETE", by_id, MANAGE, self.remove_webhook, {204: None}, (404,), act="webhook.removed"),
            Endpoint("POST", f"{by_id}/secret", MANAGE, self.renew_webhook_secret, {200: MadeWebhook}, (404, 409),
                     act="webhook.renewed"),
            Endpoint("POST", f"{by_id}/test", MANAGE, self.test_webhook, {200: Trial}, (404,), act="webhook.tested"),
            Endpoint("GET", f"{by_id}/events", MANAGE, self.list_webhook_events, {200: DeliveryPage}, (404,)),
        ]  # fmt: skip

    async def list_webhooks(self, call: Call) -> Answer:
        """Every webhook, without its secret"""
        found, standing = await self._office.kept.all(), await self._office.kept.standing()
        return Answer(200, WebhookList(items=[Webhook(**_shown(one, standing.get(one.id))) for one in found]))

    async def make_webhook(self, call: Call, body: WantedWebhook) -> Answer:
        """Make a webhook; its secret is shown this once"""
        self._look_at(body.url)
        events = in_order(body.events)
        made, secret = await self._office.make(body.url, events, body.words, body.active, call.by)
        return Answer(201, MadeWebhook(**_shown(made), secret=secret))

    async def change_webhook(self, call: Call, path: ByWebhook, body: WebhookChange) -> Answer:
        """Change a webhook; one that is switched off gives up what waits for it"""
        changes: dict[str, object] = body.model_dump(exclude_unset=True)
        if body.url is not None:
            self._look_at(body.url)
        if body.events is not None:
            changes["events"] = in_order(body.events)
        changed = await self._office.change(path.id, call.by, **changes)
        if changed is None:
            raise Problem(404)
        return Answer(200, Webhook(**await self._with_standing(changed)))

    async def remove_webhook(self, call: Call, path: ByWebhook) -> Answer:
        """Remove a webhook and everything that waits for it"""
        if not await self._office.remove(path.id, call.by):
            raise Problem(404)
        return Answer(204)

    async def renew_webhook_secret(self, call: Call, path: ByWebhook) -> Answer:
        """A new secret, shown this once; the one before signs beside it for a day"""
        renewed = await self._office.renew(path.id, call.by)
        if renewed is None:
            raise Problem(404)
        return Answer(200, MadeWebhook(**await self._with_standing(renewed[0]), secret=renewed[1]))

    async def test_webhook(self, call: Call, path: ByWebhook) -> Answer:
        """Send a test at once, and say what came of it"""
        said = await self._office.trial(path.id, call.by)
        if said is None:
            raise Problem(404)
        return Answer(200, _trial(said))

    async def list_webhook_events(self, call: Call, path: ByWebhook, query: DeliveryQuery) -> Answer:
        """What has become of a webhook's events, the newest first"""
        if await self._office.kept.find(path.id) is None:
            raise Problem(404)
        before = number_after(query.cursor)
        found = await self._office.kept.deliveries(path.id, query.state, query.limit + 1, before)
        shown = found[: query.limit]
        more = cursor([shown[-1].id]) if len(found) > query.limit else None
        return Answer(200, DeliveryPage(items=[_delivery(one) for one in shown], next=more))

    async def _with_standing(self, webhook: webhooks.Webhook) -> dict[str, Any]:
        return _shown(webhook, (await self._office.kept.standing()).get(webhook.id))

    def _look_at(self, url: str) -> None:
        """What can be told beforehand; where the name leads to is judged at every connection."""
        if problem := odd(url, self._allow_private):
            raise Problem(422, faults=[Fault(_ODD[problem], pointer="#/url")])


def _shown(webhook: webhooks.Webhook, standing: Standing | None = None) -> dict[str, Any]:
    far = standing or Standing()
    return {
        "id": webhook.id, "url": webhook.url, "events": list(webhook.events), "words": webhook.words,
        "active": webhook.active, "off_why": webhook.off_why, "created_at": webhook.created_at,
        "created_by": webhook.created_by, "old_secret_until": webhook.old_until, "waiting": far.waiting,
        "oldest_waiting_at": far.oldest_at, "failed": far.failed, "left_out": far.left_out,
        "delivered_at": far.delivered_at, "error": far.error,
    }  # fmt: skip


def _trial(said: DeliveryResult) -> Trial:
    return Trial(delivered=said.delivered, status=said.status, error=said.problem, took_ms=said.took_ms)


def _delivery(one: webhooks.Delivery) -> Delivery:
    return Delivery(
        event=one.event, type=one.type, about=one.stream, state=one.state, tries=one.tries, made_at=one.made_at,
        next_at=one.next_at if one.state == "waiting" else None, done_at=one.done_at, error=one.error,
    )  # fmt: skip
