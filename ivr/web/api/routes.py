"""All endpoints, put together and added to the application, with the document that describes them."""

from __future__ import annotations

import json
from collections.abc import Callable

from aiohttp import web

from ivr.web.api.audit import AuditApi
from ivr.web.api.call_backs import CallBacksApi
from ivr.web.api.call_tests import CallTestsApi
from ivr.web.api.contacts import ContactsApi
from ivr.web.api.endpoint import PREFIX, mount
from ivr.web.api.floor import FloorApi
from ivr.web.api.keys import KeysApi
from ivr.web.api.me import MeApi
from ivr.web.api.openapi import document
from ivr.web.api.people import PeopleApi
from ivr.web.api.second_factor import SecondFactorApi
from ivr.web.api.signals import SignalsApi
from ivr.web.api.webhooks import WebhooksApi
from ivr.web.guard import route_needs
from ivr.web.guard.passwords import Passwords
from ivr.web.guard.rate_limits import Attempts
from ivr.web.guard.second_factors import SecondFactors
from ivr.web.guard.sessions import FormTokens, Sessions
from ivr.web.services import WebServices
from ivr.web.settings import WebSettings

DOCUMENT: web.AppKey[str] = web.AppKey("document", str)
"""Where an application keeps its description."""


def add_api(
    app: web.Application,
    house: WebServices,
    sessions: Sessions,
    passwords: Passwords,
    factors: SecondFactors,
    tokens: FormTokens,
    settings: WebSettings,
    clock: Callable[[], float],
) -> None:
    """Add the whole API."""
    guesses = Attempts(settings.max_attempts, settings.attempt_window_minutes * 60, clock)
    endpoints = [
        *MeApi(
            house.people, house.accounts, house.queues, sessions, passwords, factors, guesses, house.own_words
        ).endpoints(),
        *SecondFactorApi(factors, sessions, passwords, guesses).endpoints(),
        *PeopleApi(house.people, house.staff, house.queues, sessions, passwords, factors, house.own_words).endpoints(),
        *KeysApi(house.keys).endpoints(),
        *AuditApi(house.audit).endpoints(),
        *ContactsApi(house.contacts, house.audit).endpoints(),
        *SignalsApi(house.signals, house.audit, house.call_backs).endpoints(),
        *WebhooksApi(house.webhooks, settings.private_webhooks).endpoints(),
    ]
    if house.call_backs is not None:
        endpoints += CallBacksApi(house.call_backs, house.audit).endpoints()
    if (of := house.supervision) is not None:
        recordings = house.recording.recordings if house.recording else None
        endpoints += FloorApi(of.floor, of.supervisor, of.past, of.report, house.audit, recordings).endpoints()
    if house.recording is not None:
        endpoints += CallTestsApi(house.recording, house.audit).endpoints()
    mount(app, endpoints, tokens, settings, house.audit, clock)
    text = json.dumps(document(endpoints, settings.version, settings.cookie("session")), ensure_ascii=False)

    async def describe(request: web.Request) -> web.Response:
        return web.Response(text=text, content_type="application/json")

    route_needs.add(app, route_needs.SOMEBODY, web.get(f"{PREFIX}/openapi.json", describe))
    app[DOCUMENT] = text
