"""Logging in and out, and the language of the screens."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from hotline.web import phone_here
from hotline.web.access import COOKIE, Anyone, Staff
from hotline.web.catalogue import LANGUAGES
from hotline.web.errors import BadInput, TooOften
from hotline.web.page import LANGUAGE_COOKIE, PageOf, home
from hotline.web.ports import Account
from hotline.web.web import Web, WebOf

router = APIRouter()
_log = structlog.get_logger(__name__)
_A_YEAR_S = 365 * 24 * 3600


class LoginForm(BaseModel):
    """What the form sends; ``next`` is where its reader wanted to go."""

    user_id: str = Field(max_length=64)
    password: str = Field(max_length=256)
    next: str = Field("", max_length=2000)


@router.get("/")
async def start(viewer: Staff) -> Response:
    """To the page of the viewer's role."""
    return RedirectResponse(home(viewer.role), status_code=303)


@router.get("/api/me")
async def me(viewer: Staff) -> dict[str, str]:
    """Who is logged in; pages ask it to tell a lost connection from a lost login."""
    return {"user_id": viewer.user_id, "name": viewer.name, "role": viewer.role}


@router.get("/login")
async def login_page(page: PageOf, viewer: Anyone, next: str = "") -> Response:
    """The form; whoever is logged in already goes on."""
    if viewer is not None:
        return RedirectResponse(_own_path(next) or home(viewer.role), status_code=303)
    return page.render("login.html", next=_own_path(next), user_id="", problem="")


@router.post("/login")
async def login(
    request: Request,
    web: WebOf,
    page: PageOf,
    viewer: Anyone,
    form: Annotated[LoginForm, Form()],
) -> Response:
    """Check the password; a wrong one brings the form back and says so."""
    next_path = _own_path(form.next)
    try:
        account = await _authenticate(web, form, _address(request))
    except TooOften as error:
        problem, status = page.t("error.too_often", **error.values), error.status
    else:
        if account is not None:
            return await _logged_in(web, account, next_path)
        problem, status = page.t("login.wrong"), 401
    return page.render(
        "login.html", status=status, next=next_path, user_id=form.user_id, problem=problem
    )


@router.post("/logout")
async def logout(web: WebOf, viewer: Staff) -> Response:
    """End the session; its streams end with it."""
    await web.sessions.close(viewer.session_id)
    await phone_here.left(web, viewer)
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(COOKIE)
    return response


@router.post("/language")
async def choose(
    request: Request, web: WebOf, viewer: Anyone, language: Annotated[str, Form()]
) -> Response:
    """Switch the screens' language and go back to where the switch was pressed."""
    if language not in LANGUAGES:
        raise BadInput({"language": "choice"})
    if viewer is not None:
        await web.parts.users.set_language(viewer.user_id, language)
    came_from = urlsplit(request.headers.get("referer", ""))
    response = RedirectResponse(_own_path(came_from.path) or "/", status_code=303)
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=_A_YEAR_S, samesite="lax")
    return response


async def _authenticate(web: Web, form: LoginForm, address: str) -> Account | None:
    now = web.parts.clock.now()
    wait = web.throttle.wait(form.user_id, address, now)
    if wait > 0:
        raise TooOften(wait)
    # A check costs a tenth of a second of CPU by design; calls must not wait behind many.
    async with web.password_checks:
        account = await web.parts.users.authenticate(form.user_id, form.password)
    if account is None:
        web.throttle.failed(form.user_id, address, now)
        _log.warning("a login was refused", user=form.user_id, address=address)
    else:
        web.throttle.succeeded(form.user_id)
        _log.info("logged in", user=account.user_id, address=address)
    return account


async def _logged_in(web: Web, account: Account, next_path: str) -> Response:
    new = await web.sessions.open(account.user_id)
    response = RedirectResponse(next_path or "/", status_code=303)
    response.set_cookie(
        COOKIE,
        new.token,
        httponly=True,
        samesite="strict",
        secure=web.parts.config.web.secure_cookies,
    )
    return response


def _own_path(path: str) -> str:
    """``path`` when it is one of ours, else empty: nobody is sent to another site."""
    parts = urlsplit(path)
    own = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if own and not parts.scheme and not parts.netloc else ""


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
