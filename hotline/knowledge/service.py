"""The knowledge base, live: every article as it stands, found and changed.

A change is a further version with who wrote it and why, journalled, and found at the next key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, tzinfo

from sqlalchemy import func, select

from hotline import events
from hotline.clock import Clock, local
from hotline.knowledge import model
from hotline.knowledge.model import (
    Article,
    ArticleChanged,
    ArticleText,
    NoSuchArticle,
    check_text,
    raise_faults,
    review_fault,
    why_fault,
)
from hotline.knowledge.search import Hit, Index, Suggestion
from hotline.knowledge.shipped import demo_articles
from hotline.registry.taxonomy.model import Category
from hotline.registry.taxonomy.tree import Taxonomy
from hotline.storage.journal import Journal, Transaction
from hotline.storage.records import storable
from hotline.storage.tables_knowledge import KnowledgeAnswerRow, KnowledgeVersionRow


class KnowledgeBase:
    """What agents look up and supervisors write; ``open`` before use.

    Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none.
    """

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        zone: tzinfo,
        classes: Callable[[], Taxonomy],
        *,
        demo: bool = False,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._zone = zone
        self._classes = classes
        self._demo = demo
        self._articles: dict[int, Article] = {}
        self._index = Index()

    async def open(self) -> None:
        """Take in what is kept; in the demo, begin with the shipped articles when there never
        was one."""
        newest = select(
            KnowledgeVersionRow.article_id, func.max(KnowledgeVersionRow.version).label("version")
        ).group_by(KnowledgeVersionRow.article_id)
        last = newest.subquery()
        query = select(KnowledgeVersionRow).join(
            last,
            (KnowledgeVersionRow.article_id == last.c.article_id)
            & (KnowledgeVersionRow.version == last.c.version),
        )
        async with self._journal.database.session() as session:
            rows = (await session.scalars(query)).all()
        self._articles = {row.article_id: _article(row) for row in rows}
        self._index = Index.of(self._articles.values())
        if self._demo and not self._articles:
            for text in demo_articles(self.today, self._known):
                await self._write(text, model.ADD, None, why="演示内容", by="system")

    # --- read ------------------------------------------------------------------------------

    @property
    def today(self) -> date:
        """The day in the city."""
        return local(self._clock.now(), self._zone).date()

    @property
    def articles(self) -> Sequence[Article]:
        """Every article as it stands, withdrawn ones included, by number."""
        return [self._articles[key] for key in sorted(self._articles)]

    def get(self, article_id: int) -> Article:
        """An article as it stands. Raises :class:`NoSuchArticle`."""
        found = self._articles.get(article_id)
        if found is None:
            raise NoSuchArticle(article_id)
        return found

    def find(self, words: str, limit: int) -> tuple[Hit, ...]:
        """The articles in force that fit best, as :meth:`Index.find`."""
        return self._index.find(words, limit)

    def suggest(self, category: str, description: str, limit: int) -> tuple[Suggestion, ...]:
        """What a form of this class and these words may be answered from."""
        classes = self._classes()
        chosen = classes.get(category) if category else None
        major = [c.key for c in classes if chosen and _siblings(c, chosen)]
        return self._index.suggest(category, major, description, limit)

    def overdue(self) -> Sequence[Article]:
        """What has to be read again, the longest due first."""
        due = [one for one in self._articles.values() if one.overdue(self.today)]
        return sorted(due, key=lambda one: (one.text.review_on, one.article_id))

    async def versions(self, article_id: int) -> Sequence[Article]:
        """Every version of an article, newest first; none for no article."""
        query = (
            select(KnowledgeVersionRow)
            .where(KnowledgeVersionRow.article_id == article_id)
            .order_by(KnowledgeVersionRow.version.desc())
        )
        async with self._journal.database.session() as session:
            return [_article(row) for row in await session.scalars(query)]

    async def answered(self) -> dict[int, int]:
        """How many cases were answered at once from each article; those with none are left
        out."""
        query = select(KnowledgeAnswerRow.article_id, func.count()).group_by(
            KnowledgeAnswerRow.article_id
        )
        async with self._journal.database.session() as session:
            return dict((await session.execute(query)).all())

    # --- changed ---------------------------------------------------------------------------

    async def add(self, text: ArticleText, *, why: str, by: str) -> Article:
        """Write a new article. Raises :class:`hotline.knowledge.model.KnowledgeFault`."""
        self._check(text, None)
        return await self._write(text, model.ADD, None, why=why, by=by)

    async def change(
        self, article_id: int, text: ArticleText, *, why: str, by: str, based_on: int
    ) -> Article:
        """Write another version; ``based_on`` is the one that was looked at.

        Raises :class:`hotline.knowledge.model.KnowledgeFault`, :class:`NoSuchArticle`,
        :class:`ArticleChanged`.
        """
        before = self._stands(article_id, based_on)
        self._check(text, before)
        return await self._write(text, model.CHANGE, before, why=why, by=by)

    async def review(
        self, article_id: int, review_on: date, *, why: str, by: str, based_on: int
    ) -> Article:
        """Say that an article is right as it stands until the next review. Raises as
        :meth:`change`."""
        before = self._stands(article_id, based_on)
        raise_faults({"review_on": review_fault(review_on, self.today)})
        text = replace(before.text, review_on=review_on)
        return await self._write(text, model.REVIEW, before, why=why, by=by)

    async def withdraw(self, article_id: int, *, why: str, by: str, based_on: int) -> Article:
        """Let nobody find an article or answer from it. Raises as :meth:`change`."""
        before = self._stands(article_id, based_on)
        return await self._write(before.text, model.WITHDRAW, before, why=why, by=by)

    async def restore(
        self, article_id: int, review_on: date, *, why: str, by: str, based_on: int
    ) -> Article:
        """Put a withdrawn article back into force until its next review. Raises as
        :meth:`change`."""
        before = self._stands(article_id, based_on)
        text = replace(before.text, review_on=review_on)
        self._check(text, before)
        return await self._write(text, model.RESTORE, before, why=why, by=by)

    # --- inside ----------------------------------------------------------------------------

    def _known(self, key: str) -> bool:
        return self._classes().get(key) is not None

    def _stands(self, article_id: int, based_on: int) -> Article:
        before = self.get(article_id)
        if before.version != based_on:
            raise ArticleChanged(article_id)
        return before

    def _check(self, text: ArticleText, before: Article | None) -> None:
        others = [
            one.title
            for one in self._articles.values()
            if not one.withdrawn and (before is None or one.article_id != before.article_id)
        ]
        # A class that the city's standard lost since then may stay.
        held = frozenset(before.text.classes) if before else frozenset()
        check_text(text, self.today, lambda key: key in held or self._known(key), others)

    async def _write(
        self, text: ArticleText, action: str, before: Article | None, *, why: str, by: str
    ) -> Article:
        raise_faults({"why": why_fault(why)})
        async with self._journal.transaction() as tx:
            row = await _next_row(tx, text, action, before)
            row.why, row.made_by, row.made_at = storable(why).strip(), by, tx.now
            tx.session.add(row)
            entry = {
                "keywords": row.keywords,
                "classes": row.classes,
                "review_on": row.review_on,
                "withdrawn": row.withdrawn,
            }
            written = (row.article_id, row.version, action, row.title, row.why, by, entry)
            tx.add(events.ArticleRevised(*written))
        article = _article(row)
        self._articles[article.article_id] = article
        self._index = self._index.put(article)
        return article


def _siblings(one: Category, other: Category) -> bool:
    return (one.branch, one.major_code) == (other.branch, other.major_code)


async def _next_row(
    tx: Transaction, text: ArticleText, action: str, before: Article | None
) -> KnowledgeVersionRow:
    """The row of the next version. Raises :class:`ArticleChanged` when somebody was quicker."""
    last = KnowledgeVersionRow
    if before is None:
        highest = await tx.session.scalar(select(func.max(last.article_id)))
        article_id, version = (highest or 0) + 1, 1
    else:
        article_id, version = before.article_id, before.version + 1
        if await tx.session.get(last, (article_id, version)) is not None:
            raise ArticleChanged(article_id)
    return KnowledgeVersionRow(
        article_id=article_id,
        version=version,
        action=action,
        title=storable(text.title).strip(),
        body=storable(text.body).strip().replace("\r\n", "\n"),
        keywords=storable(list(text.keywords)),
        classes=storable(list(text.classes)),
        review_on=text.review_on.isoformat(),
        withdrawn=action == model.WITHDRAW
        or (action != model.RESTORE and before is not None and before.withdrawn),
    )


def _article(row: KnowledgeVersionRow) -> Article:
    text = ArticleText(
        row.title,
        row.body,
        date.fromisoformat(row.review_on),
        tuple(row.keywords),
        tuple(row.classes),
    )
    written = (row.article_id, row.version, row.action, text, row.withdrawn)
    return Article(*written, why=row.why, by=row.made_by, at=row.made_at)
