"""The knowledge base: read and searched by everybody, written and reviewed by supervisors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from hotline.knowledge.model import (
    Article,
    ArticleChanged,
    ArticleText,
    KnowledgeFault,
    NoSuchArticle,
)
from hotline.knowledge.search import excerpt_of
from hotline.registry.taxonomy.city import read_words
from hotline.web.access import Role, Staff, SupervisorOnly, Viewer
from hotline.web.errors import Conflict, NotFound
from hotline.web.knowledge import class_name
from hotline.web.names import names_of
from hotline.web.page import Page, PageOf
from hotline.web.web import RowId, Web, WebOf

router = APIRouter()

# What a browser may send at most; what an article may be is judged by the knowledge base.
_Text = Annotated[str, Field(max_length=2000)]
_Body = Annotated[str, Field(max_length=30_000)]
_MOST_LISTED = 200
_REVIEW_AFTER = timedelta(days=180)


class ArticleForm(BaseModel):
    """An article as it was typed: ``keywords`` and ``classes`` (names or keys) apart by spaces or
    commas, ``version`` the one that was looked at."""

    action: Literal["change", "review", "withdraw", "restore"] = "change"
    title: _Text = ""
    body: _Body = ""
    keywords: _Text = ""
    classes: _Text = ""
    review_on: Annotated[str, Field(max_length=32)] = ""
    why: _Text = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """An article in the list."""

    article: Article
    excerpt: str
    overdue: bool
    answered: int


@router.get("/knowledge")
async def knowledge_page(request: Request, web: WebOf, page: PageOf, viewer: Staff) -> Response:
    """The articles that the address asks for, one of them, and for supervisors the form."""
    query = request.query_params
    wanted = {name: query.get(name, "")[:200].strip() for name in ("q", "show")}
    article_id = query.get("article", "")
    writes = viewer.role is Role.SUPERVISOR
    return await _page(
        web,
        page,
        viewer,
        wanted,
        article_id=int(article_id) if article_id.isascii() and article_id.isdigit() else 0,
        new=ArticleForm(review_on=_next_review(web)) if writes and query.get("new") else None,
    )


@router.post("/knowledge/articles")
async def add_article(
    web: WebOf, page: PageOf, viewer: SupervisorOnly, form: Annotated[ArticleForm, Form()]
) -> Response:
    """Write a new article."""
    base = web.parts.knowledge.base
    try:
        made = await base.add(_text(web, form), why=form.why, by=viewer.user_id)
    except KnowledgeFault as fault:
        return await _page(web, page, viewer, {}, new=form, fault=fault)
    return _to(made.article_id)


@router.post("/knowledge/articles/{article_id}")
async def change_article(
    web: WebOf,
    page: PageOf,
    viewer: SupervisorOnly,
    article_id: RowId,
    form: Annotated[ArticleForm, Form()],
) -> Response:
    """Write another version of an article, say that it is still right, withdraw or restore it."""
    try:
        await _change(web, viewer, article_id, form)
    except KnowledgeFault as fault:
        return await _page(web, page, viewer, {}, article_id=article_id, typed=form, fault=fault)
    except ArticleChanged as conflict:
        raise Conflict("article_changed") from conflict
    except NoSuchArticle as missing:
        raise NotFound("not_found") from missing
    return _to(article_id)


async def _change(web: Web, viewer: Viewer, article_id: int, form: ArticleForm) -> Article:
    base, by, seen = web.parts.knowledge.base, viewer.user_id, form.version
    if form.action == "withdraw":
        return await base.withdraw(article_id, why=form.why, by=by, based_on=seen)
    if form.action == "change":
        text = _text(web, form)
        return await base.change(article_id, text, why=form.why, by=by, based_on=seen)
    review_on = _day(form.review_on)
    if form.action == "review":
        return await base.review(article_id, review_on, why=form.why, by=by, based_on=seen)
    return await base.restore(article_id, review_on, why=form.why, by=by, based_on=seen)


def _text(web: Web, form: ArticleForm) -> ArticleText:
    """What was typed. Raises :class:`KnowledgeFault` for a day that is none."""
    return ArticleText(
        form.title.strip(),
        form.body.strip(),
        _day(form.review_on),
        read_words(form.keywords),
        tuple(dict.fromkeys(_key(web, word) for word in read_words(form.classes))),
    )


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise KnowledgeFault({"review_on": "day"}) from None


def _key(web: Web, typed: str) -> str:
    """The key of the class that is called so; what names none is left for the fault."""
    classes = web.parts.room.taxonomy
    if classes.get(typed) is not None:
        return typed
    return next((one.key for one in classes.choosable() if one.name == typed), typed)


async def _page(
    web: Web,
    page: Page,
    viewer: Viewer,
    wanted: Mapping[str, str],
    *,
    article_id: int = 0,
    new: ArticleForm | None = None,
    typed: ArticleForm | None = None,
    fault: KnowledgeFault | None = None,
) -> Response:
    base = web.parts.knowledge.base
    writes = viewer.role is Role.SUPERVISOR
    versions = await base.versions(article_id) if article_id else ()
    if article_id and not versions:
        raise NotFound("not_found")
    one = versions[0] if versions else None
    return page.render(
        "knowledge/knowledge.html",
        status=422 if fault else 200,
        wanted={"q": "", "show": ""} | dict(wanted),
        writes=writes,
        rows=await _rows(web, wanted),
        overdue=len(base.overdue()),
        total=sum(not each.withdrawn for each in base.articles),
        one=one,
        versions=versions if writes else (),
        answered=(await base.answered()).get(article_id, 0) if article_id else 0,
        new=new,
        written=typed if typed and typed.action == "change" else _typed(web, one),
        typed=typed or ArticleForm(review_on=_next_review(web)),
        acting=typed.action if typed else "",
        today=base.today,
        next_review=_next_review(web),
        class_name=lambda key: class_name(web, key),
        class_names=[each.name for each in web.parts.room.taxonomy.choosable()] if writes else [],
        address=lambda **more: _link(wanted, **more),
        names=await names_of(web.parts.database),
        errors=_errors(page, fault),
    )


async def _rows(web: Web, wanted: Mapping[str, str]) -> Sequence[Row]:
    base = web.parts.knowledge.base
    words, show = wanted.get("q", ""), wanted.get("show", "")
    if words:
        found = [(hit.article, hit.excerpt) for hit in base.find(words, _MOST_LISTED)]
    else:
        found = [(one, excerpt_of(one, "")) for one in base.articles]
    if show == "overdue":
        found = [each for each in found if each[0].overdue(base.today)]
    found = [each for each in found if each[0].withdrawn == (show == "withdrawn")]
    counts = await base.answered()
    return [
        Row(one, excerpt, one.overdue(base.today), counts.get(one.article_id, 0))
        for one, excerpt in found[:_MOST_LISTED]
    ]


def _typed(web: Web, one: Article | None) -> ArticleForm:
    """The form as it is filled in for another version."""
    if one is None:
        return ArticleForm()
    return ArticleForm(
        title=one.title,
        body=one.text.body,
        keywords=" ".join(one.text.keywords),
        classes=" ".join(class_name(web, key) for key in one.text.classes),
        review_on=max(one.text.review_on.isoformat(), _next_review(web)),
        version=one.version,
    )


def _next_review(web: Web) -> str:
    return (web.parts.knowledge.base.today + _REVIEW_AFTER).isoformat()


def _link(wanted: Mapping[str, str], **more: str) -> str:
    query = {name: value for name, value in {**wanted, **more}.items() if value}
    return "/knowledge?" + urlencode(query) if query else "/knowledge"


def _errors(page: Page, fault: KnowledgeFault | None) -> Mapping[str, str]:
    faults = fault.faults if fault else {}
    return {name: page.t(f"error.field.{key}") for name, key in faults.items()}


def _to(article_id: int) -> Response:
    return RedirectResponse(f"/knowledge?article={article_id}", status_code=303)
