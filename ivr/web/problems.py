"""What went wrong, for programs and for people: ``application/problem+json`` (RFC 9457) in both languages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import web

from ivr.core.caller import Language
from ivr.core.card import Text

CONTENT_TYPE = "application/problem+json"
TITLES: dict[int, tuple[str, Text]] = {
    HTTPStatus.BAD_REQUEST: ("malformed", {"en": "The request could not be understood.", "zh": "无法理解该请求。"}),
    HTTPStatus.UNAUTHORIZED: ("unauthorized", {"en": "Sign in, or send an API key.", "zh": "请先登录，或发送 API 密钥。"}),
    HTTPStatus.FORBIDDEN: ("forbidden", {"en": "You may not do this.", "zh": "您没有此权限。"}),
    HTTPStatus.NOT_FOUND: ("not-found", {"en": "There is nothing here.", "zh": "这里什么也没有。"}),
    HTTPStatus.METHOD_NOT_ALLOWED: ("method", {"en": "That cannot be done here.", "zh": "此处不支持该操作。"}),
    HTTPStatus.CONFLICT: ("conflict", {"en": "That does not go with what is there.", "zh": "与现有内容冲突。"}),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("too-large", {"en": "That was too long.", "zh": "内容过长。"}),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("media-type", {"en": "Only JSON is understood here.", "zh": "此处只接受 JSON。"}),
    HTTPStatus.UNPROCESSABLE_ENTITY: ("invalid", {"en": "Something in it is not right.", "zh": "内容有误。"}),
    HTTPStatus.TOO_MANY_REQUESTS: ("too-many", {"en": "Too many requests.", "zh": "请求过多。"}),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "failed", {"en": "Something went wrong here, and it was written down.", "zh": "服务器出现问题，已记录。"},
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "away", {"en": "The database is away; nothing was done. Try again.", "zh": "数据库暂时不可用，操作未执行，请重试。"},
    ),
}  # fmt: skip
OTHERWISE: tuple[str, Text] = ("other", {"en": "That did not work.", "zh": "操作未成功。"})


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
