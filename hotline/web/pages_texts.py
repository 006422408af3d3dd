"""Texts to insert: what the desk offers, and the page on which supervisors keep them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from hotline.registry.desks.texts import LONGEST_NAME, LONGEST_TEXT, NoSuchText, TextTemplates
from hotline.registry.forms import KINDS
from hotline.registry.model import BadForm
from hotline.registry.taxonomy.pinyin import syllables
from hotline.web.access import CaseStaff, SupervisorOnly
from hotline.web.errors import NotFound
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.web import RowId, Web, WebOf

router = APIRouter()

_Text = Annotated[str, Field(max_length=20_000)]


class ShownText(BaseModel):
    """A text that may be inserted; ``kind`` is empty where it fits any."""

    template_id: int
    name: str
    kind: str
    text: str
    pinyin: str
    initials: str


class TextForm(BaseModel):
    """A text as it was typed."""

    name: _Text = ""
    kind: Annotated[str, Field(max_length=16)] = ""
    text: _Text = ""
    active: bool = False


@router.get("/api/texts")
async def texts(web: WebOf, viewer: CaseStaff) -> list[ShownText]:
    """The texts that are offered, by name."""
    shown = []
    for one in await _texts(web).all():
        read = syllables(one.name)
        shown.append(
            ShownText(
                template_id=one.template_id,
                name=one.name,
                kind=one.kind,
                text=one.text,
                pinyin="".join(read),
                initials="".join(syllable[0] for syllable in read),
            )
        )
    return shown


@router.get("/texts", response_class=HTMLResponse)
async def texts_page(
    web: WebOf,
    page: PageOf,
    viewer: SupervisorOnly,
    text: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    done: Annotated[str, Query(max_length=16)] = "",
) -> HTMLResponse:
    """All texts, and one to be changed, or a new one."""
    return await _page(web, page, text, done=done == "kept")


@router.post("/texts", response_class=HTMLResponse)
async def add_text(
    web: WebOf, page: PageOf, viewer: SupervisorOnly, form: Annotated[TextForm, Form()]
) -> Response:
    """Make a text."""
    return await _save(web, page, viewer, None, form)


@router.post("/texts/{template_id}", response_class=HTMLResponse)
async def change_text(
    web: WebOf,
    page: PageOf,
    viewer: SupervisorOnly,
    template_id: RowId,
    form: Annotated[TextForm, Form()],
) -> Response:
    """Change a text, or offer it no longer."""
    return await _save(web, page, viewer, template_id, form)


async def _save(
    web: Web, page: Page, viewer: SupervisorOnly, template_id: int | None, form: TextForm
) -> Response:
    try:
        kept = await _texts(web).save(template_id, **form.model_dump(), by=viewer)
    except BadForm as bad:
        faults = {
            name: page.t(f"error.field.{key.removeprefix('form.')}")
            for name, key in bad.faults.items()
        }
        return await _page(web, page, template_id or 0, form=form, faults=faults)
    except NoSuchText:
        raise NotFound("not_found") from None
    return RedirectResponse(f"/texts?text={kept}&done=kept", status_code=303)


async def _page(
    web: Web,
    page: Page,
    chosen: int,
    *,
    form: TextForm | None = None,
    faults: Mapping[str, str] | None = None,
    done: bool = False,
) -> HTMLResponse:
    kept = await _texts(web).all(active_only=False)
    found = next((one for one in kept if one.template_id == chosen), None)
    if chosen and found is None:
        raise NotFound("not_found")
    return page.render(
        "texts/texts.html",
        status=422 if faults else 200,
        texts=kept,
        chosen=found,
        given=form or found or TextForm(active=True),
        faults=faults or {},
        done=done,
        kinds=KINDS,
        names=await names_of(web.parts.database),
        longest_name=LONGEST_NAME,
        longest_text=LONGEST_TEXT,
    )


def _texts(web: Web) -> TextTemplates:
    return TextTemplates(web.parts.database, web.parts.clock)
