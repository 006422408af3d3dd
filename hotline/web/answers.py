"""How faults reach the browser: JSON for scripts, a page in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from hotline.cti.desk import NotNow
from hotline.registry.model import BadForm, CaseConflict, NoSuchCase, NotAllowed
from hotline.storage.database import DatabaseUnavailable
from hotline.web.errors import (
    BadInput,
    Conflict,
    Forbidden,
    NotFound,
    NotLoggedIn,
    TooOften,
    Unavailable,
    WebError,
)
from hotline.web.page import Page, page_of

_SCRIPT_PATHS = ("/api/", "/events", "/media/", "/exchange/v1/")
_KNOWN: tuple[type[Exception], ...] = (
    WebError,
    HTTPException,
    RequestValidationError,
    NotNow,
    NoSuchCase,
    CaseConflict,
    NotAllowed,
    BadForm,
    DatabaseUnavailable,
)
_KEYS_BY_STATUS = {404: "not_found", 405: "not_found", 413: "too_large"}


def install(app: FastAPI) -> None:
    """Let every fault be answered by :func:`answer`."""
    for kind in _KNOWN:
        app.add_exception_handler(kind, _answer)


def answer(request: Request, error: WebError) -> Response:
    """A fault as the asker can use it: JSON, a login page, or a page that says the way out."""
    page = page_of(request)
    headers = {"Retry-After": str(error.seconds)} if isinstance(error, TooOften) else None
    if _for_script(request):
        return JSONResponse(_body(page, error), status_code=error.status, headers=headers)
    if isinstance(error, NotLoggedIn):
        return _to_login(request)
    return page.render("error.html", status=error.status, headers=headers, error=error)


def message(page: Page, error: WebError) -> str:
    """What went wrong, in the viewer's language."""
    return page.t(f"error.{error.key}", **error.values)


def field_messages(page: Page, error: WebError) -> dict[str, str]:
    """What is wrong with each field, in the viewer's language."""
    return {field: page.t(f"error.field.{key}") for field, key in error.fields.items()}


def _body(page: Page, error: WebError) -> dict[str, object]:
    return {
        "error": error.key,
        "message": message(page, error),
        "fields": field_messages(page, error),
    }


def _for_script(request: Request) -> bool:
    return request.url.path.startswith(_SCRIPT_PATHS) or "text/html" not in request.headers.get(
        "accept", "text/html"
    )


def _to_login(request: Request) -> Response:
    where = "/login"
    if request.method == "GET" and request.url.path != "/":
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        where += f"?next={quote(target, safe='')}"
    if request.headers.get("hx-request"):
        # htmx would put the login page where a table was.
        return Response(status_code=401, headers={"HX-Redirect": where})
    return RedirectResponse(where, status_code=303)


async def _answer(request: Request, error: Exception) -> Response:
    fault = _fault(error)
    response = answer(request, fault)
    if isinstance(error, HTTPException):
        response.headers.update(error.headers or {})
    return response


def _fault(error: Exception) -> WebError:
    if isinstance(error, WebError):
        return error
    if isinstance(error, HTTPException):
        fault = WebError(_KEYS_BY_STATUS.get(error.status_code, "bad_request"))
        fault.status = error.status_code
        return fault
    if isinstance(error, RequestValidationError):
        return BadInput({str(fault["loc"][-1]): _key_of(fault) for fault in error.errors()})
    return _fault_of_the_house(error)


def _fault_of_the_house(error: Exception) -> WebError:
    fault: WebError
    match error:
        case NotNow():
            fault = Conflict(error.key)
        case NoSuchCase():
            fault = NotFound("no_such_case")
        case CaseConflict():
            fault = Conflict("case_changed")
        case NotAllowed():
            fault = Forbidden(error.key)
        case BadForm():
            faults = error.faults.items()
            fault = BadInput({field: key.removeprefix("form.") for field, key in faults})
        case DatabaseUnavailable():
            fault = Unavailable("database")
        case _:
            raise error
    return fault


def _key_of(fault: Mapping[str, object]) -> str:
    return "required" if fault["type"] == "missing" else "wrong"
