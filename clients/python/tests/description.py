"""What the API's description, docs/openapi.json, says of an answer.

`tests/it/support/description.rs` and `tests/description.mjs` do the same for the other test clients, which also receive
events; the former checks acknowledgements too.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from jsonschema import Draft202012Validator

FILE = Path(__file__).parents[3] / "docs/openapi.json"

NO_OPERATION = (404, 405)
"""Answers to paths and methods that there are none of."""
JSON_TYPES = ("application/json", "application/problem+json")
NDJSON = "application/x-ndjson"
EVENT_STREAM = "text/event-stream"


class NotDescribed(AssertionError):
    """An answer is not as the description says."""


def check(method: str, address: str, status: int, content_type: str, body: bytes) -> None:
    """Checks the answer to a request of the API, of NDJSON each line.

    Answers of other addresses are not described, and event streams are not checked.
    """
    path = urlsplit(address).path
    media_type = content_type.split(";")[0].strip()
    if not path.startswith("/api/") or path in ("/api/openapi.json", "/api/docs") or media_type == EVENT_STREAM:
        return
    what = f"{method} {path} was answered {status} {media_type}"
    pointer = _pointer(method, path, status, what)
    answer = functools.reduce(lambda value, part: value.get(part, {}), pointer, _document())
    if not answer:
        raise NotDescribed(f"{what}, a status that is not described")
    if "content" not in answer:
        if body:
            raise NotDescribed(f"{what} with a body, of which the description says nothing: {body!r}")
        return
    if media_type not in answer["content"]:
        raise NotDescribed(f"{what}; described are {list(answer['content'])}")
    content = (*pointer, "content", media_type)
    if media_type in JSON_TYPES:
        _check_value(what, (*content, "schema"), body)
    if media_type == NDJSON:
        for line in body.splitlines():
            _check_value(what, (*content, "x-item-schema"), line)


def _check_value(what: str, pointer: tuple[str, ...], text: bytes) -> None:
    errors = [f"{error.json_path}: {error.message}" for error in _validator(pointer).iter_errors(json.loads(text))]
    if errors:
        raise NotDescribed("\n".join([f"{what}, not as described:", *errors, repr(text)]))


def _pointer(method: str, path: str, status: int, what: str) -> tuple[str, ...]:
    """Where in the description the answer is."""
    template = _template(path)
    operation = template and method.lower() in _document()["paths"][template]
    if not operation and status in NO_OPERATION:
        return ("components", "responses", "NoOperation")
    if template is None or not operation:
        raise NotDescribed(f"{what}, and there is no such operation")
    return ("paths", template, method.lower(), "responses", str(status))


def _template(path: str) -> str | None:
    """The path of the description that fits, the one with the fewest parameters."""
    parts = path.split("/")

    def fits(template: str) -> bool:
        expected = template.split("/")
        return len(expected) == len(parts) and all(a.startswith("{") or a == b for a, b in zip(expected, parts))

    return min(filter(fits, _document()["paths"]), key=lambda template: template.count("{"), default=None)


@functools.cache
def _validator(pointer: tuple[str, ...]) -> Draft202012Validator:
    escaped = "/".join(quote(part.replace("~", "~0").replace("/", "~1"), safe="~") for part in pointer)
    # References in it are to the whole document.
    schema = {**_document(), "$ref": f"#/{escaped}"}
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


@functools.cache
def _document() -> dict[str, Any]:
    """The description with objects that have what is described and nothing else.

    A schema that is part of another by `allOf` must admit what the other adds, so it is closed where it is referred to.
    """
    document: dict[str, Any] = json.loads(FILE.read_text())
    parts = {_name(part["$ref"]) for value in _objects(document) for part in value.get("allOf", ()) if "$ref" in part}
    for name, schema in document["components"]["schemas"].items():
        if name not in parts and ("properties" in schema or "allOf" in schema):
            schema.setdefault("unevaluatedProperties", "additionalProperties" in schema)
    _close_references(document, parts)
    problem = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    document["components"].setdefault("responses", {})["NoOperation"] = problem
    return document


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in _inner(value):
        yield from _objects(inner)


def _close_references(value: Any, parts: set[str]) -> None:
    if isinstance(value, dict) and isinstance(value.get("$ref"), str) and _name(value["$ref"]) in parts:
        value["unevaluatedProperties"] = False
    for inner in _inner(value):
        _close_references(inner, parts)


def _inner(value: Any) -> list[Any]:
    """The members of a value, without those of `allOf` that are parts of it."""
    if isinstance(value, dict):
        return [inner for key, inner in value.items() if key != "allOf"]
    return list(value) if isinstance(value, list) else []


def _name(reference: str) -> str:
    return reference.rsplit("/", 1)[-1]
