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

from ivr.core import texts
from ivr.core.language import Language, Text
from ivr.core.texts import TEXT_LANGUAGES

STATIC = Path(__file__).with_name("static")
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
"""What may be had without a sign-in; the pages themselves go through their handlers."""

WRONG: dict[int, Text] = {
    HTTPStatus.BAD_REQUEST: texts.text("web.page.malformed"),
    HTTPStatus.UNAUTHORIZED: texts.text("web.page.unauthorized"),
    HTTPStatus.FORBIDDEN: texts.text("web.page.forbidden"),
    HTTPStatus.NOT_FOUND: texts.text("web.page.not_found"),
    HTTPStatus.METHOD_NOT_ALLOWED: texts.text("web.page.method"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: texts.text("web.page.too_large"),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: texts.text("web.page.media_type"),
    HTTPStatus.MISDIRECTED_REQUEST: texts.text("web.page.foreign_host"),
    HTTPStatus.INTERNAL_SERVER_ERROR: texts.text("web.page.failed"),
    HTTPStatus.SERVICE_UNAVAILABLE: texts.text("web.page.away"),
}
OTHERWISE = texts.text("web.page.other")
SAID = {
    f"{page}_{name}": text
    for page, table in (
        ("sign_in", texts.family("web.sign_in_page")),
        ("code", texts.family("web.code_page")),
        ("entered", texts.family("web.entered_page")),
        ("any", texts.family("web.any_page")),
    )
    for name, text in table.items()
}
"""What stands on pages that work without JavaScript, by the place in the page that it goes to."""


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
        for path in sorted(directory.rglob("*")):
            name = path.relative_to(directory).as_posix()
            if path.suffix in TYPES:
                self._files[name] = _read(path)
            elif path.suffix == ".html":
                self._templates[name] = Template(path.read_text("utf-8"))

        self._vendor: dict[str, StaticFile] = {}
        if vendor is not None:
            self._vendor = {path.relative_to(vendor).as_posix(): _read(path) for path in vendor.rglob("*.js")}

    def page(
        self, name: str, values: Mapping[str, str], status: int = 200, said: Mapping[str, Text] | None = None
    ) -> web.Response:
        """A page with its ``$places`` filled in; the values may come from anybody, ``lang`` is the reader's language.

        What is ``said`` stands there in every language, the others hidden; as ``…_line`` in all of them beside each other.
        """
        places = {key: html.escape(value) for key, value in values.items()}
        places["languages"] = " ".join(TEXT_LANGUAGES)
        for key, text in {**SAID, **(said or {})}.items():
            places[key] = _spans(text, values["lang"])
            places[f"{key}_line"] = html.escape(" · ".join(text.values()))
            places[f"{key}_blocks"] = "".join(
                f'<p lang="{one}">{html.escape(words)}</p>' for one, words in text.items()
            )
        places["language_buttons"] = "".join(
            f'<button type="button" data-language="{one}" lang="{one}">{html.escape(name)}</button>'
            for one, name in SAID["sign_in_language"].items()
        )
        return web.Response(status=status, text=self._templates[name].substitute(places), content_type="text/html")

    def file(self, request: web.Request) -> web.Response:
        """One of the files: checked again by its tag each time, so that a new version is seen at once."""
        file = self._files.get(request.match_info["path"])
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
        """A plain page, or JSON where a program asked, saying in every language what happened."""
        text = WRONG.get(status, OTHERWISE)
        if request.path.startswith(("/ws", "/health")):
            return web.json_response({"error": text}, status=status)
        values = {"lang": preferred_language(request), "status": str(status)}
        return self.page("shared/error.html", values, status, {"happened": text})


def _read(path: Path) -> StaticFile:
    body = path.read_bytes()
    return StaticFile(body, TYPES[path.suffix], hashlib.sha256(body).hexdigest()[:32])


def _spans(text: Text, shown: str) -> str:
    """A text in every language, of which the reader's is shown."""
    return "".join(
        f'<span lang="{language}"{"" if language == shown else " hidden"}>{html.escape(words)}</span>'
        for language, words in text.items()
    )


def preferred_language(request: web.Request) -> Language:
    """The first of our languages that the browser asks for."""
    for part in request.headers.get("Accept-Language", "").split(","):
        primary = part.split(";")[0].strip().lower().split("-")[0]
        found = next((language for language in TEXT_LANGUAGES if language == primary), None)
        if found is not None:
            return found
    return TEXT_LANGUAGES[0]
