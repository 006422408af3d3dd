"""What the desk asks the knowledge base: search, suggestions, an article, answering from it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from hotline.knowledge.model import Article, NoSuchArticle
from hotline.web.access import AgentOnly, Staff
from hotline.web.desk import CallId, DraftValue, own_pop, shown_case
from hotline.web.desk_form import typed_form
from hotline.web.errors import NotFound
from hotline.web.said_links import link_said
from hotline.web.web import RowId, Web, WebOf

router = APIRouter()

_MOST_FOUND, _MOST_SUGGESTED = 12, 5


class FoundArticle(BaseModel):
    """An article that fits. ``matched`` is its word that fitted, ``why`` empty for a search and
    else class, words or major; ``overdue``: it should have been read again by today."""

    article_id: int
    version: int
    title: str
    excerpt: str
    matched: str
    why: Literal["", "class", "words", "major"] = ""
    overdue: bool


class ShownClass(BaseModel):
    """A class that an article is linked with."""

    key: str
    name: str


class ShownArticle(BaseModel):
    """An article in force; ``body`` is plain text."""

    article_id: int
    version: int
    title: str
    body: str
    keywords: list[str]
    classes: list[ShownClass]
    review_on: str
    overdue: bool
    changed_at: float


class WantedAnswer(BaseModel):
    """Which article the citizen was answered from, and the form as it stands; ``version`` is the
    case's that it was filled from, if any."""

    article_id: int = Field(ge=1, le=2**31 - 1)
    form: dict[Annotated[str, Field(max_length=32)], DraftValue] = Field(max_length=40)
    version: int | None = None


@router.get("/api/knowledge/search")
async def search(
    web: WebOf, viewer: Staff, q: Annotated[str, Query(max_length=200)] = ""
) -> list[FoundArticle]:
    """The articles in force that fit, best first; the newest when nothing is typed."""
    base = web.parts.knowledge.base
    return [
        _found(web, hit.article, excerpt=hit.excerpt, matched=hit.matched)
        for hit in base.find(q, _MOST_FOUND)
    ]


@router.get("/api/knowledge/suggestions")
async def suggestions(
    web: WebOf,
    viewer: Staff,
    category: Annotated[str, Query(max_length=16)] = "",
    description: Annotated[str, Query(max_length=2000)] = "",
) -> list[FoundArticle]:
    """What a form of this class and description may be answered from, best first."""
    base = web.parts.knowledge.base
    return [
        _found(web, one.article, matched=one.matched, why=one.why)
        for one in base.suggest(category, description, _MOST_SUGGESTED)
    ]


@router.get(
    "/api/knowledge/{article_id}",
    responses={404: {"description": "No such article, or it was withdrawn."}},
)
async def article(web: WebOf, viewer: Staff, article_id: RowId) -> ShownArticle:
    """One article that is in force."""
    try:
        found = web.parts.knowledge.base.get(article_id)
    except NoSuchArticle:
        raise NotFound("not_found") from None
    if found.withdrawn:
        raise NotFound("not_found")
    classes = [ShownClass(key=key, name=class_name(web, key)) for key in found.text.classes]
    return ShownArticle(
        article_id=found.article_id,
        version=found.version,
        title=found.title,
        body=found.text.body,
        keywords=list(found.text.keywords),
        classes=classes,
        review_on=found.text.review_on.isoformat(),
        overdue=found.overdue(web.parts.knowledge.base.today),
        changed_at=found.at,
    )


@router.post(
    "/api/calls/{call_id}/answer",
    responses={
        404: {"description": "Not the agent's call, or no article in force."},
        409: {"description": "The case was changed, or its life has no such step now."},
    },
)
async def answer(
    web: WebOf, viewer: AgentOnly, call_id: CallId, wanted: WantedAnswer
) -> dict[str, object]:
    """Save the form and close its case: the citizen was answered at once from an article."""
    found = await own_pop(web, viewer, call_id)
    stands = await web.parts.cases.get(found.case_number) if found.case_number else None
    form = typed_form(wanted.form, stands)
    try:
        case = await web.parts.knowledge.answers.answer(
            call_id,
            form,
            wanted.article_id,
            viewer,
            wanted.version,
            reachable=bool(found.calling),
        )
    except NoSuchArticle:
        raise NotFound("not_found") from None
    await link_said(web, case.case_number, wanted.form, viewer)
    return {"case": shown_case(case)}


def class_name(web: Web, key: str) -> str:
    """What a class of the city's standard is called; its key for one that is no more."""
    found = web.parts.room.taxonomy.get(key)
    return found.name if found else key


def _found(
    web: Web,
    article: Article,
    *,
    excerpt: str = "",
    matched: str = "",
    why: Literal["", "class", "words", "major"] = "",
) -> FoundArticle:
    return FoundArticle(
        article_id=article.article_id,
        version=article.version,
        title=article.title,
        excerpt=excerpt,
        matched=matched,
        why=why,
        overdue=article.overdue(web.parts.knowledge.base.today),
    )
