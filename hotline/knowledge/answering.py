"""Answering at once: one step from an article to a closed case.

The case is opened (or saved) from the call's form, the article noted, and the case closed by the
step that its life has for answers given on the line, all in one transaction. The citizen has been
answered, so no callback is planned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hotline import events
from hotline.knowledge.model import Article, NoSuchArticle
from hotline.knowledge.service import KnowledgeBase
from hotline.registry.demands import read_whole_form
from hotline.registry.model import Actor, Case
from hotline.registry.service import CaseRegistry
from hotline.storage.journal import Journal
from hotline.storage.tables_knowledge import KnowledgeAnswerRow

# What a form is that says nothing but that somebody asked, and was told.
_KIND = "consult"
_STEP = "close"


@dataclass(frozen=True, slots=True)
class DirectAnswers:
    """Closes cases from articles. ``required`` is what a form of each kind must say.

    Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none.
    """

    journal: Journal
    registry: CaseRegistry
    base: KnowledgeBase
    required: Mapping[str, Sequence[str]] = field(default_factory=dict)

    async def answer(
        self,
        call_id: str,
        typed: Mapping[str, Any],
        article_id: int,
        by: Actor,
        version: int | None = None,
        *,
        reachable: bool = True,
    ) -> Case:
        """Save the call's form and close its case with what the article says; ``version`` is the
        case's that the form was filled from, and ``reachable`` says whether the call came from a
        number that can be called back. A form without kind or description is a question about the
        article's subject.

        Raises :class:`NoSuchArticle`, :class:`hotline.registry.model.NotAllowed` where the life
        of cases has no such step, and as :meth:`CaseRegistry.open_from_call`.
        """
        article = self.base.get(article_id)
        if article.withdrawn:
            raise NoSuchArticle(article_id)
        filled = _filled(typed, article)
        demanded = self.required.get(filled["kind"], ())
        form = read_whole_form(filled, demanded, reachable=reachable)
        async with self.journal.transaction() as tx:
            row = await self.registry.open_from_call_in(tx, form, call_id, by, version)
            await self.registry.move_in(tx, row, _STEP, by, reason_of(article))
            told = {"article_id": article.article_id, "version": article.version}
            answer = KnowledgeAnswerRow(
                case_number=row.case_number, by=by.user_id, at=tx.now, **told
            )
            tx.session.add(answer)
            tx.add(
                events.AnsweredAtOnce(row.case_number, title=article.title, by=by.user_id, **told)
            )
            return Case.of(row)


def reason_of(article: Article) -> str:
    """What a case's history says of the answer."""
    number, version = article.article_id, article.version
    return f"直接答复：知识库《{article.title}》（第 {number} 号，第 {version} 版）"


def _filled(typed: Mapping[str, Any], article: Article) -> dict[str, Any]:
    form = dict(typed)
    form["kind"] = form.get("kind") or _KIND
    form["description"] = str(form.get("description") or "").strip() or article.title
    return form | {"callback_wanted": False}
