"""The index of cases' words: written with each change of a case, looked up newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.registry.searching.words import (
    Query,
    fold,
    match_expression,
    query_of,
    tsquery,
    tsvector,
    words_of,
)
from hotline.storage.tables import CaseRow
from hotline.storage.tables_search import CaseWordsRow

SEARCHED = (
    "category_name",
    "address",
    "road",
    "landmark",
    "description",
    "happened",
    "unit",
    "component_code",
    "caller_name",
)
"""What of a case is searched; the caller's name only while it is neither anonymous nor
confidential."""
TOUCHING = frozenset({*SEARCHED, "anonymous", "confidential"})

# Frequent words are found among so many of the newest cases, without looking at the index.
_NEWEST = 20_000
_COLUMNS = (
    CaseRow.case_number,
    CaseRow.anonymous,
    CaseRow.confidential,
    *(getattr(CaseRow, name) for name in SEARCHED),
)

_FTS_ADD = text("INSERT INTO case_fts (rowid, words) VALUES (:doc, :words)")
_FTS_REMOVE = text("INSERT INTO case_fts (case_fts, rowid, words) VALUES ('delete', :doc, :words)")
_FTS_EMPTY = text("INSERT INTO case_fts (case_fts) VALUES ('delete-all')")
_FTS_FIND = text(
    "SELECT rowid FROM case_fts WHERE case_fts MATCH :query ORDER BY rowid DESC LIMIT :limit"
)
_NEWEST_WITH_CHARACTER = text(
    "SELECT doc FROM (SELECT doc, words FROM case_words ORDER BY doc DESC LIMIT :newest)"
    " WHERE instr(words, :character) > 0 LIMIT :limit"
)
_TS_NEWEST = text(
    "SELECT doc FROM (SELECT doc, words FROM case_words ORDER BY doc DESC LIMIT :newest) AS newest"
    " WHERE words @@ CAST(:query AS tsquery) ORDER BY doc DESC LIMIT :limit"
)
# OFFSET 0: the planner cannot know how seldom the words are, and would walk back through all.
_TS_FIND = text(
    "SELECT doc FROM (SELECT doc FROM case_words WHERE words @@ CAST(:query AS tsquery) OFFSET 0)"
    " AS found ORDER BY doc DESC LIMIT :limit"
)
_TS_ADD = text("INSERT INTO case_words (doc, words) VALUES (:doc, CAST(:words AS tsvector))")


def folded(values: Mapping[str, Any]) -> str:
    """What of a case is searched, folded, from its columns by name."""
    hidden = values.get("anonymous") or values.get("confidential")
    names = [name for name in SEARCHED if not (hidden and name == "caller_name")]
    return "\n".join(fold(kept) for name in names if (kept := values.get(name)))


def holds(values: Mapping[str, Any], typed: str) -> bool:
    """Whether a case of these columns holds every word of what is typed."""
    words = frozenset(words_of(folded(values)))
    return all(
        term.words[0] in words
        or (term.prefix and any(word.startswith(term.words[0]) for word in words))
        for term in query_of(typed).loose.terms
    )


async def put(session: AsyncSession, values: Mapping[str, Any]) -> None:
    """Write a case's words in place of those that stand there."""
    await remove(session, [str(values["case_number"])])
    await add(session, [values])


async def add(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the words of cases that have none yet; ``rows`` hold their columns by name."""
    if not rows:
        return
    texts = [(int(row["case_number"]), folded(row)) for row in rows]
    if _is_sqlite(session):
        kept = [{"doc": doc, "words": kept} for doc, kept in texts]
        await session.execute(insert(CaseWordsRow), kept)
        spaced = [{"doc": doc, "words": " ".join(words_of(kept))} for doc, kept in texts]
        await session.execute(_FTS_ADD, spaced)
    else:
        vectors = [{"doc": doc, "words": tsvector(words_of(kept))} for doc, kept in texts]
        await session.execute(_TS_ADD, vectors)


async def remove(session: AsyncSession, numbers: Sequence[str]) -> None:
    """Take cases out of the index."""
    docs = [int(number) for number in numbers]
    if _is_sqlite(session):
        query = select(CaseWordsRow.doc, CaseWordsRow.words).where(CaseWordsRow.doc.in_(docs))
        for doc, kept in (await session.execute(query)).all():
            gone = {"doc": doc, "words": " ".join(words_of(kept))}
            await session.execute(_FTS_REMOVE, gone)
    await session.execute(delete(CaseWordsRow).where(CaseWordsRow.doc.in_(docs)))


async def empty(session: AsyncSession) -> None:
    """Take everything out of the index."""
    await session.execute(delete(CaseWordsRow))
    if _is_sqlite(session):
        await session.execute(_FTS_EMPTY)


async def add_missing(session: AsyncSession, below: str, batch: int) -> tuple[int, str]:
    """Write words for up to ``batch`` cases numbered below ``below`` that have none, newest
    first; returns how many, and the number to go on below (empty: that was all)."""
    cases = (
        select(*_COLUMNS)
        .where(CaseRow.case_number < below)
        .order_by(CaseRow.case_number.desc())
        .limit(batch)
    )
    rows = [row._asdict() for row in (await session.execute(cases)).all()]
    if not rows:
        return 0, ""
    docs = [int(row["case_number"]) for row in rows]
    known = select(CaseWordsRow.doc).where(CaseWordsRow.doc.between(docs[-1], docs[0]))
    there = set((await session.scalars(known)).all())
    missing = [row for row, doc in zip(rows, docs, strict=True) if doc not in there]
    await add(session, missing)
    return len(missing), rows[-1]["case_number"]


async def find(session: AsyncSession, typed: str, limit: int) -> list[str]:
    """The numbers of the newest cases whose words hold what is typed, newest first.

    Those that hold it piece by piece as it stands; when they are fewer than ``limit``, also those
    that hold its words anywhere.
    """
    query = query_of(typed)
    if not query.terms:
        return []
    found = await _find(session, query, limit)
    if len(found) < limit and (loose := query.loose) != query:
        found += [doc for doc in await _find(session, loose, limit) if doc not in set(found)]
    return [str(doc) for doc in found[:limit]]


async def _find(session: AsyncSession, query: Query, limit: int) -> list[int]:
    if _is_sqlite(session):
        return await _find_sqlite(session, query, limit)
    asked = {"query": tsquery(query), "limit": limit}
    found = list((await session.scalars(_TS_NEWEST, asked | {"newest": _NEWEST})).all())
    if len(found) == limit:
        return found
    # Seldom enough for the index to give them all in no time.
    return list((await session.scalars(_TS_FIND, asked)).all())


async def _find_sqlite(session: AsyncSession, query: Query, limit: int) -> list[int]:
    if character := query.one_character:
        # FTS5 would gather every case with any word that begins so, before giving the first.
        asked = {"character": character, "newest": _NEWEST, "limit": limit}
        found = list((await session.scalars(_NEWEST_WITH_CHARACTER, asked)).all())
        if len(found) == limit:
            return found
    asked = {"query": match_expression(query), "limit": limit}
    return list((await session.scalars(_FTS_FIND, asked)).all())


def _is_sqlite(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"
