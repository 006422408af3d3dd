"""The knowledge base."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hotline.events.base import Event


@dataclass(frozen=True, slots=True)
class ArticleRevised(Event):
    """Somebody wrote a version of an article; ``action``: add, change, review, withdraw or
    restore. ``entry`` is how the article stands since; its text is kept with the version."""

    article_id: int
    version: int
    action: str
    title: str
    why: str
    by: str
    entry: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AnsweredAtOnce(Event):
    """A citizen was told what an article says, and the case was closed with it."""

    case_number: str
    article_id: int
    version: int
    title: str
    by: str
