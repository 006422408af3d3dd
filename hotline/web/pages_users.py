"""The users: who may log in, as what, with which phone. For administrators."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from hotline.storage.profiles import ROLES, SHORTEST_PASSWORD, Profile, UserFault
from hotline.storage.tables import UserRow
from hotline.web.access import AdminOnly
from hotline.web.errors import Conflict, NotFound
from hotline.web.page import Page, PageOf
from hotline.web.web import Web, WebOf

router = APIRouter()

UserId = Annotated[str, Path(max_length=64)]
# What a browser may send at most; what an account may be is judged by the accounts.
_Text = Annotated[str, Field(max_length=1000)]
_DONE = frozenset({"added", "changed", "password", "closed"})


class ProfileForm(BaseModel):
    """Name, role, phone and unit; an empty extension is none."""

    name: _Text = ""
    role: _Text = ""
    extension: _Text = ""
    unit_id: _Text = ""

    def profile(self) -> Profile:
        """The same for the accounts."""
        return Profile(self.name, self.role, self.extension or None, self.unit_id)


class NewUser(ProfileForm):
    """The form of a new account."""

    user_id: _Text = ""
    password: _Text = ""


class NewPassword(BaseModel):
    """A password to replace the old one."""

    password: _Text = ""


@router.get("/users")
async def users_page(request: Request, web: WebOf, page: PageOf, viewer: AdminOnly) -> Response:
    """Everybody, and a form: of the user that the address names, else for a new one."""
    user_id = request.query_params.get("user", "")
    user = await _existing(web, user_id) if user_id else None
    done = request.query_params.get("done", "")
    return await _page(web, page, user, done=done if done in _DONE else "")


@router.post("/users/add")
async def add(
    web: WebOf, page: PageOf, viewer: AdminOnly, form: Annotated[NewUser, Form()]
) -> Response:
    """Open an account."""
    try:
        await web.parts.accounts.add(form.user_id.strip(), form.profile(), form.password)
    except UserFault as fault:
        kept = form.model_dump(exclude={"password"})
        return await _page(web, page, None, fault=fault, given=kept)
    return _back(form.user_id.strip(), "added")


@router.post("/users/{user_id}/change")
async def change(
    web: WebOf,
    page: PageOf,
    viewer: AdminOnly,
    user_id: UserId,
    form: Annotated[ProfileForm, Form()],
) -> Response:
    """Another name, role, phone or unit; a closed account is opened again."""
    user = await _existing(web, user_id)
    try:
        async with _streams_follow(web, user_id):
            await web.parts.accounts.change(user_id, form.profile())
    except UserFault as fault:
        return await _page(web, page, user, fault=fault, given=form.model_dump())
    return _back(user_id, "changed")


@router.post("/users/{user_id}/password")
async def set_password(
    web: WebOf,
    page: PageOf,
    viewer: AdminOnly,
    user_id: UserId,
    form: Annotated[NewPassword, Form()],
) -> Response:
    """Another password; its user is logged out everywhere."""
    user = await _existing(web, user_id)
    try:
        async with _streams_follow(web, user_id):
            await web.parts.accounts.set_password(user_id, form.password)
    except UserFault as fault:
        return await _page(web, page, user, fault=fault)
    return _back(user_id, "password")


@router.post("/users/{user_id}/close")
async def close(web: WebOf, page: PageOf, viewer: AdminOnly, user_id: UserId) -> Response:
    """Close an account; its user is logged out everywhere and the extension is free again."""
    user = await _existing(web, user_id)
    if user_id == viewer.user_id:
        raise Conflict("own_account")
    try:
        async with _streams_follow(web, user_id):
            await web.parts.accounts.deactivate(user_id)
    except UserFault as fault:
        return await _page(web, page, user, fault=fault)
    return _back(user_id, "closed")


async def _page(
    web: Web,
    page: Page,
    user: UserRow | None,
    *,
    fault: UserFault | None = None,
    given: Mapping[str, str] | None = None,
    done: str = "",
) -> Response:
    everybody = await web.parts.accounts.everybody()
    others = {one.extension for one in everybody if user is None or one.user_id != user.user_id}
    free = [one for one in web.parts.config.pbx.extension_numbers() if one not in others]
    return page.render(
        "users/users.html",
        status=422 if fault else 200,
        everybody=everybody,
        user=user,
        given=given or _given(user),
        errors={fault.field: page.t(f"error.field.{fault.key}")} if fault else {},
        extensions=[(number, number) for number in free],
        roles=ROLES,
        units=[(one.unit_id, one.name) for one in web.parts.room.units.all()],
        shortest=SHORTEST_PASSWORD,
        done=done,
    )


def _given(user: UserRow | None) -> Mapping[str, str]:
    if user is None:
        return {"user_id": "", "name": "", "role": "agent", "extension": "", "unit_id": ""}
    kept = {"name": user.name, "role": user.role, "unit_id": user.unit_id}
    return kept | {"extension": user.extension or ""}


def _back(user_id: str, done: str) -> Response:
    return RedirectResponse(f"/users?user={user_id}&done={done}", status_code=303)


async def _existing(web: Web, user_id: str) -> UserRow:
    user = await web.parts.accounts.get(user_id)
    if user is None:
        raise NotFound("no_such_user")
    return user


@asynccontextmanager
async def _streams_follow(web: Web, user_id: str) -> AsyncIterator[None]:
    """Close the streams of the sessions that a change has ended."""
    before = await web.sessions.of(user_id)
    yield
    for session_id in set(before) - set(await web.sessions.of(user_id)):
        web.streams.close(session_id)
