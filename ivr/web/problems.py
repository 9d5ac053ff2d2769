"""What went wrong, for programs and for people: ``application/problem+json`` (RFC 9457) in both languages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import web

from ivr.core import texts
from ivr.core.language import Language, Text

CONTENT_TYPE = "application/problem+json"
TITLES: dict[int, tuple[str, Text]] = {
    HTTPStatus.BAD_REQUEST: ("malformed", texts.text("api.title.malformed")),
    HTTPStatus.UNAUTHORIZED: ("unauthorized", texts.text("api.title.unauthorized")),
    HTTPStatus.FORBIDDEN: ("forbidden", texts.text("api.title.forbidden")),
    HTTPStatus.NOT_FOUND: ("not-found", texts.text("api.title.not_found")),
    HTTPStatus.METHOD_NOT_ALLOWED: ("method", texts.text("api.title.method")),
    HTTPStatus.CONFLICT: ("conflict", texts.text("api.title.conflict")),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("too-large", texts.text("api.title.too_large")),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("media-type", texts.text("api.title.media_type")),
    HTTPStatus.MISDIRECTED_REQUEST: ("misdirected", texts.text("api.title.foreign_host")),
    HTTPStatus.UNPROCESSABLE_ENTITY: ("invalid", texts.text("api.title.invalid")),
    HTTPStatus.TOO_MANY_REQUESTS: ("too-many", texts.text("api.title.too_many")),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("failed", texts.text("api.title.failed")),
    HTTPStatus.SERVICE_UNAVAILABLE: ("away", texts.text("api.title.away")),
}
OTHERWISE: tuple[str, Text] = ("other", texts.text("api.title.other"))


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not right, and where."""

    text: Text
    pointer: str | None = None
    """Into the body: ``#/phone/queues/0``."""
    parameter: str | None = None
    """The name of a parameter in the address."""


class Problem(Exception):
    """Why a request was refused; ``detail`` says more than the title of its status, ``more`` is for programs."""

    def __init__(
        self,
        status: int,
        detail: Text | None = None,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    def response(self, language: Language) -> web.Response:
        """The answer, with ``title`` and ``detail`` in the reader's language and ``texts`` in both."""
        name, title = TITLES.get(self.status, OTHERWISE)
        texts = {"title": title} | ({"detail": self.detail} if self.detail else {})
        body = {
            "type": f"urn:ivr:problem:{name}",
            "status": self.status,
            **{part: text[language] for part, text in texts.items()},
            "texts": texts,
            **self.more,
        }
        if self.faults:
            body["errors"] = [_fault(fault, language) for fault in self.faults]
        headers = {**self.headers, "Content-Language": language, "Vary": "Accept-Language"}
        text = json.dumps(body, ensure_ascii=False)
        return web.Response(status=self.status, text=text, content_type=CONTENT_TYPE, headers=headers)


def _fault(fault: Fault, language: Language) -> dict[str, Any]:
    where = {"pointer": fault.pointer, "parameter": fault.parameter}
    return {**{k: v for k, v in where.items() if v is not None}, "detail": fault.text[language], "text": fault.text}
