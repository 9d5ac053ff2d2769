"""The pages and what belongs to them: read once at the start, served from memory."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from string import Template

from aiohttp import web

from ivr.core.caller import Language
from ivr.core.card import Text

STATIC = Path(__file__).with_name("static")
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
"""What may be had without a sign-in; the pages themselves go through their handlers."""

WRONG: dict[int, Text] = {
    HTTPStatus.BAD_REQUEST: {"en": "That request could not be understood.", "zh": "无法理解该请求。"},
    HTTPStatus.UNAUTHORIZED: {"en": "Please sign in first.", "zh": "请先登录。"},
    HTTPStatus.FORBIDDEN: {"en": "That is not allowed from here.", "zh": "不允许这样访问。"},
    HTTPStatus.NOT_FOUND: {"en": "There is nothing here.", "zh": "这里什么也没有。"},
    HTTPStatus.METHOD_NOT_ALLOWED: {"en": "That cannot be done here.", "zh": "此处不支持该操作。"},
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: {"en": "That was too long.", "zh": "内容过长。"},
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: {"en": "That is not a form of ours.", "zh": "表单格式不正确。"},
    HTTPStatus.INTERNAL_SERVER_ERROR: {
        "en": "Something went wrong here, and it was written down.",
        "zh": "服务器出现问题，已记录。",
    },
    HTTPStatus.SERVICE_UNAVAILABLE: {
        "en": "The records cannot be reached just now. Please try again.",
        "zh": "暂时无法访问系统数据，请重试。",
    },
}
OTHERWISE: Text = {"en": "That did not work.", "zh": "操作未成功。"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file of the pages."""

    body: bytes
    content_type: str
    etag: str


class Pages:
    """Everything in ``static``."""

    def __init__(self, directory: Path = STATIC, vendor: Path | None = None) -> None:
        self._files: dict[str, StaticFile] = {}
        self._templates: dict[str, Template] = {}
        for path in sorted(directory.iterdir()):
            if path.suffix in TYPES:
                self._files[path.name] = _read(path)
            elif path.suffix == ".html":
                self._templates[path.name] = Template(path.read_text("utf-8"))

        self._vendor: dict[str, StaticFile] = {}
        if vendor is not None:
            self._vendor = {path.relative_to(vendor).as_posix(): _read(path) for path in vendor.rglob("*.js")}

    def page(self, name: str, values: Mapping[str, str], status: int = 200) -> web.Response:
        """A page with its ``$places`` filled in; the values may come from anybody."""
        escaped = {key: html.escape(value) for key, value in values.items()}
        return web.Response(status=status, text=self._templates[name].substitute(escaped), content_type="text/html")

    def file(self, request: web.Request) -> web.Response:
        """One of the files: checked again by its tag each time, so that a new version is seen at once."""
        file = self._files.get(request.match_info["name"])
        if file is None:
            raise web.HTTPNotFound
        known = request.if_none_match or ()
        if any(tag.value in (file.etag, "*") for tag in known):
            response = web.Response(status=304)
        else:
            response = web.Response(body=file.body, content_type=file.content_type, charset="utf-8")
        response.etag = file.etag
        response.headers["Cache-Control"] = "no-cache"
        return response

    def vendor(self, request: web.Request) -> web.Response:
        """A module of somebody else's: its address has its version, so it never changes."""
        file = self._vendor.get(request.match_info["path"])
        if file is None:
            raise web.HTTPNotFound
        response = web.Response(body=file.body, content_type=file.content_type, charset="utf-8")
        response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
        return response

    def error(self, request: web.Request, status: int) -> web.Response:
        """A plain page, or JSON where a program asked, saying in both languages what happened."""
        text = WRONG.get(status, OTHERWISE)
        if request.path.startswith(("/ws", "/health")):
            return web.json_response({"error": text}, status=status)
        values = {"lang": preferred_language(request), "status": str(status), "en": text["en"], "zh": text["zh"]}
        return self.page("error.html", values, status)


def _read(path: Path) -> StaticFile:
    body = path.read_bytes()
    return StaticFile(body, TYPES[path.suffix], hashlib.sha256(body).hexdigest()[:32])


def preferred_language(request: web.Request) -> Language:
    """The first of our languages that the browser asks for."""
    for part in request.headers.get("Accept-Language", "").split(","):
        primary = part.split(";")[0].strip().lower().split("-")[0]
        if primary == "zh":
            return "zh"
        if primary == "en":
            return "en"
    return "en"
