"""The classes that a case may be given, for choices that answer at each key."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from hotline.registry.taxonomy import Category
from hotline.web.access import CaseStaff
from hotline.web.web import WebOf

router = APIRouter()

_MOST_FOUND = 12


class ShownWord(BaseModel):
    """An everyday word of a class, and how it is read."""

    text: str
    pinyin: str
    initials: str


class ShownCategory(BaseModel):
    """A class that may be chosen today. ``branch`` is component or event, ``origin`` standard or
    city."""

    key: str
    branch: str
    code: str
    major: str
    name: str
    pinyin: str
    initials: str
    origin: str
    words: list[ShownWord]

    @classmethod
    def of(cls, category: Category, words: list[ShownWord]) -> ShownCategory:
        """The class with its everyday words."""
        return cls(
            key=category.key,
            branch=category.branch,
            code=category.code,
            major=category.major,
            name=category.name,
            pinyin=category.pinyin,
            initials=category.initials,
            origin=category.origin,
            words=words,
        )


class FoundCategory(BaseModel):
    """A class that fits what was typed, and the word of its own that fitted."""

    key: str
    name: str
    major: str
    code: str
    branch: str
    matched: str


@router.get("/api/categories")
async def categories(web: WebOf, viewer: CaseStaff) -> list[ShownCategory]:
    """Every class that a case may be given today, with its everyday words."""
    library = web.parts.room.taxonomy
    today = library.today
    return [
        ShownCategory.of(
            category,
            [
                ShownWord(text=word.word, pinyin=word.sound, initials=word.initials)
                for word in words[1:]
            ],
        )
        for category, words in library.current.words()
        if category.choosable(today)
    ]


@router.get("/api/categories/search")
async def search(
    web: WebOf, viewer: CaseStaff, words: Annotated[str, Query(max_length=200)]
) -> list[FoundCategory]:
    """The classes that fit a sentence, a slip of the keyboard, or words in any order."""
    return [
        FoundCategory(
            key=hit.category.key,
            name=hit.category.name,
            major=hit.category.major,
            code=hit.category.code,
            branch=hit.category.branch,
            matched=hit.matched,
        )
        for hit in web.parts.room.taxonomy.hits(words, _MOST_FOUND)
    ]
