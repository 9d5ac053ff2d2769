"""The OpenAPI 3.1 document, made from the declarations of the endpoints and from nothing else."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from ivr.core.texts import TEXT_LANGUAGES
from ivr.web.api.endpoint import CSRF_HEADER, PREFIX, SAFE, Endpoint
from ivr.web.problems import CONTENT_TYPE, TITLES

Mode = Literal["validation", "serialization"]
ALWAYS = (400, 401, 403, 421, 422, 429, 500, 503)
"""What any endpoint may refuse with."""
WITH_BODY = (413, 415)
_TEXT = {
    "type": "object",
    "properties": {language: {"type": "string"} for language in TEXT_LANGUAGES},
    "required": list(TEXT_LANGUAGES),
}
PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457). title and detail are in the language of Accept-Language, texts has all.",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "texts": {"type": "object", "properties": {"title": _TEXT, "detail": _TEXT}, "required": ["title"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "Where in the body, as a JSON pointer."},
                    "parameter": {"type": "string", "description": "Which parameter of the address."},
                    "detail": {"type": "string"},
                    "text": _TEXT,
                },
                "required": ["detail", "text"],
            },
        },
        "id": {"type": "string", "description": "With 409: what the external_id was used for before."},
    },
    "required": ["type", "status", "title", "texts"],
}


def document(endpoints: list[Endpoint], version: str, cookie: str) -> dict[str, Any]:
    """The whole document."""
    refs, schemas = _schemas(endpoints)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, refs)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "The call router's API",
            "version": version or "0",
            "description": "See docs/api.md for how to sign in, send things twice safely, and read what went wrong.",
        },
        "servers": [{"url": PREFIX}],
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Problem": PROBLEM},
            "responses": {str(status): _refusal(status) for status in sorted(TITLES)},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "An API key."},
                "session": {"type": "apiKey", "in": "cookie", "name": cookie},
                "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
            },
        },
    }


def _schemas(endpoints: list[Endpoint]) -> tuple[dict[tuple[type[BaseModel], Mode], Any], dict[str, Any]]:
    """Where each model of a body is described, and the descriptions."""
    wanted: list[tuple[type[BaseModel], Mode]] = []
    for endpoint in endpoints:
        if "body" in endpoint.takes:
            wanted.append((endpoint.takes["body"], "validation"))
        wanted += [(model, "serialization") for model in endpoint.answers.values() if model is not None]
    refs, schema = models_json_schema(list(dict.fromkeys(wanted)), ref_template="#/components/schemas/{model}")
    return dict(refs), schema.get("$defs", {})  # type: ignore[arg-type]


def _operation(endpoint: Endpoint, refs: dict[tuple[type[BaseModel], Mode], Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.path.split("/")[1]],
        "security": _security(endpoint),
        "responses": _responses(endpoint, refs),
    }
    takes = endpoint.takes
    places = (("path", "path"), ("query", "query"))
    if parameters := [p for part, place in places if part in takes for p in _parameters(takes[part], place)]:
        operation["parameters"] = parameters
    if "body" in takes:
        content = {"application/json": {"schema": refs[takes["body"], "validation"]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _security(endpoint: Endpoint) -> list[dict[str, list[str]]]:
    ways: list[dict[str, list[str]]] = []
    needs = endpoint.needs
    if needs.scope is not None:
        ways.append({"key": [] if needs.scope == "any" else [needs.scope]})
    if needs.role is not None:
        roles: list[str] = [needs.role]
        ways.append({"session": roles} if endpoint.method in SAFE else {"session": roles, "csrf": []})
    return ways


def _parameters(model: type[BaseModel], place: str) -> list[dict[str, Any]]:
    schema = model.model_json_schema(mode="validation")
    required = schema.get("required", [])
    made = []
    for name, field in schema["properties"].items():
        # null is how a model says that something was left out; an address has no null
        options = [option for option in field.pop("anyOf", []) if option != {"type": "null"}]
        described = {**field, **(options[0] if len(options) == 1 else {"anyOf": options} if options else {})}
        described = {key: value for key, value in described.items() if not (key == "default" and value is None)}
        made.append({"name": name, "in": place, "required": name in required, "schema": described})
    return made


def _responses(endpoint: Endpoint, refs: dict[tuple[type[BaseModel], Mode], Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, model in endpoint.answers.items():
        found[str(status)] = {"description": endpoint.summary}
        if model is not None:
            found[str(status)]["content"] = {"application/json": {"schema": refs[model, "serialization"]}}
    refusals = {*ALWAYS, *endpoint.refusals, *(WITH_BODY if "body" in endpoint.takes else ())}
    refusals |= {404} if "path" in endpoint.takes else set()
    found |= {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(refusals)}
    return found


def _refusal(status: int) -> dict[str, Any]:
    title = TITLES[status][1]
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": f"{title['en']} {title['zh']}", "content": content}
