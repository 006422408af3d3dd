"""The interface described for programs, as it truly is: what every route answers when all is well
comes from the route, what it answers when not from what stands around all of them.

Pages for people are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict

from hotline.registry.exchange import signing
from hotline.web.access import COOKIE, CSRF_HEADER, ByKey, roles_of

_DESCRIBED = ("/api/", "/exchange/v1/")
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_ERROR = "#/components/schemas/Error"
_MEANINGS = {
    400: "The body cannot be read at all.",
    401: "Nobody is logged in, or the request is not signed as it should be.",
    403: "Not open to this role, or the request did not come from our own pages.",
    404: "Nothing is there under this name.",
    409: "Possible, but not in the present state; or somebody else was quicker.",
    413: "The body is too large.",
    422: "What was sent cannot be taken; `fields` says why.",
    429: "Asked too often; the header Retry-After says how many seconds to wait.",
    503: "A part that is needed does not answer now.",
}


class Error(BaseModel):
    """What went wrong, as every error of the interface tells it. Some add more beside it: a
    conflict also has the thing as it stands now."""

    model_config = ConfigDict(extra="allow")

    error: str
    message: str
    fields: dict[str, str]


def describe(app: FastAPI) -> dict[str, Any]:
    """The application's interface as OpenAPI 3.1."""
    routes = [route for route in _routes(app) if route.path.startswith(_DESCRIBED)]
    document = get_openapi(title=app.title, version=app.version, routes=routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Error"] = Error.model_json_schema()
    document["components"]["securitySchemes"] = _schemes()
    for route in routes:
        for method in route.methods or ():
            operation = document["paths"][route.path_format].get(method.lower())
            if operation is not None:
                _complete(operation, route, method)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return document


def _routes(app: FastAPI) -> Iterator[APIRoute]:
    for router in app.state.routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                yield route


def _complete(operation: dict[str, Any], route: APIRoute, method: str) -> None:
    responses: dict[str, Any] = operation["responses"]
    for status in sorted(_statuses(operation, route, method)):
        described = responses.get(str(status), {})
        content = {"application/json": {"schema": {"$ref": _ERROR}}}
        responses[str(status)] = {
            "description": described.get("description", _MEANINGS[status])
            if status != 422
            else _MEANINGS[status],
            "content": described.get("content", content) if status != 422 else content,
        }
    by_key = any(isinstance(guard.call, ByKey) for guard in route.dependant.dependencies)
    if by_key:
        _say_how_it_is_signed(operation, method)
        operation["security"] = [{"peer": []}]
    elif roles_of(route) is not None:
        needed = ["session", "csrf"] if method in _UNSAFE else ["session"]
        operation["security"] = [{name: [] for name in needed}]
        operation["x-roles"] = sorted(roles_of(route) or ())


def _statuses(operation: Mapping[str, Any], route: APIRoute, method: str) -> set[int]:
    found = {int(status) for status in operation["responses"] if int(status) >= 400}
    # Everything is behind the database, and behind a login or a signature.
    found |= {401, 403, 503}
    if route.param_convertors:
        found.add(404)
    if method in _UNSAFE:
        found |= {404, 409, 422}
    if "requestBody" in operation:
        found |= {400, 413, 422}
    if _has_parameters(route.dependant):
        found.add(422)
    return found


def _has_parameters(dependant: Dependant) -> bool:
    own = dependant.path_params or dependant.query_params or dependant.header_params
    return bool(own) or any(map(_has_parameters, dependant.dependencies))


def _say_how_it_is_signed(operation: dict[str, Any], method: str) -> None:
    """The headers of a peer's request; docs/exchange.md says what is signed."""
    named = [signing.KEY, signing.TIMESTAMP, signing.SIGNATURE]
    if method in _UNSAFE:
        named.append(signing.IDEMPOTENCY)
    parameters = operation.setdefault("parameters", [])
    parameters += [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
        for name in named
    ]


def _schemes() -> dict[str, Any]:
    return {
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
        "csrf": {
            "type": "apiKey",
            "in": "header",
            "name": CSRF_HEADER,
            "description": "The session's token, told by GET /api/me; for what changes something.",
        },
        "peer": {
            "type": "apiKey",
            "in": "header",
            "name": signing.KEY,
            "description": "The id of a key shared with another system, whose requests are signed.",
        },
    }
