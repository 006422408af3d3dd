"""Writing and reviewing articles, and answering from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hotline import events
from hotline.knowledge.answering import DirectAnswers
from hotline.knowledge.model import (
    ArticleChanged,
    ArticleText,
    KnowledgeFault,
    NoSuchArticle,
)
from hotline.knowledge.service import KnowledgeBase
from hotline.registry import taxonomy
from hotline.registry.life.check import checked
from hotline.registry.model import BadForm, NotAllowed
from hotline.registry.service import CaseRegistry
from hotline.storage.journal import Journal
from hotline.storage.tables import CaseRow
from hotline.storage.tables_knowledge import KnowledgeAnswerRow
from tests.databases import CITY, HandClock
from tests.unit.registry.cases import AGENT, CALL, NUMBER, Noted, arrive

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TODAY = date(2026, 11, 20)
SOON = TODAY + timedelta(days=30)
TEXT = ArticleText("停水怎么办", "先看通知。\n\n再问邻居。", SOON, ("没水",), ("event/0501",))
BY: dict[str, Any] = {"why": "新规定", "by": "supervisor"}


async def test_every_version_is_kept_and_journalled(
    base: KnowledgeBase, journal: Journal, clock: HandClock
) -> None:
    first = await base.add(TEXT, **BY)
    clock.advance(60)
    changed = replace(TEXT, body="请看公众号。")
    await base.change(first.article_id, changed, based_on=1, **BY)
    await base.withdraw(first.article_id, based_on=2, **BY)
    restored = await base.restore(first.article_id, SOON, based_on=3, **BY)
    kept = await base.versions(first.article_id)
    assert [(one.version, one.action, one.withdrawn) for one in reversed(kept)] == [
        (1, "add", False),
        (2, "change", False),
        (3, "withdraw", True),
        (4, "restore", False),
    ]
    assert [one.text.body for one in kept] == ["请看公众号。"] * 3 + [TEXT.body]
    told = [record.event for record in await journal.read(kinds=[events.ArticleRevised])]
    assert [(e.version, e.action, e.by) for e in told] == [  # type: ignore[attr-defined]
        (n, one.action, "supervisor") for n, one in enumerate(reversed(kept), start=1)
    ]
    assert base.find("没水", 1)[0].article == restored


async def test_a_restart_finds_every_article_as_it_stands(
    base: KnowledgeBase, journal: Journal, clock: HandClock
) -> None:
    one = await base.add(TEXT, **BY)
    two = await base.add(replace(TEXT, title="煤气怎么办", keywords=()), **BY)
    one = await base.review(one.article_id, SOON + timedelta(days=9), based_on=1, **BY)
    two = await base.withdraw(two.article_id, based_on=1, **BY)
    again = KnowledgeBase(journal, clock, CITY, base._classes)
    await again.open()
    assert list(again.articles) == [one, two]
    assert [hit.article for hit in again.find("怎么办", 5)] == [one]


@SQLITE
async def test_what_is_due_for_review_is_listed_the_longest_due_first(
    base: KnowledgeBase, clock: HandClock
) -> None:
    late = await base.add(replace(TEXT, review_on=TODAY + timedelta(days=2)), **BY)
    later = await base.add(replace(TEXT, title="煤气", review_on=TODAY + timedelta(days=1)), **BY)
    assert base.overdue() == []
    clock.advance(2 * 86_400)
    assert list(base.overdue()) == [later, late]
    await base.review(late.article_id, SOON, based_on=1, **BY)
    await base.withdraw(later.article_id, based_on=1, **BY)
    assert base.overdue() == []


@SQLITE
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"title": " "}, {"title": "required"}),
        ({"title": "字" * 81}, {"title": "too_long"}),
        ({"title": "煤气、怎么办"}, {"title": "article_title_taken"}),
        ({"body": ""}, {"body": "required"}),
        ({"keywords": ("长" * 21,)}, {"keywords": "class_words"}),
        ({"classes": ("event/9999",)}, {"classes": "article_class"}),
        ({"review_on": TODAY}, {"review_on": "article_review_past"}),
        ({"review_on": TODAY + timedelta(days=800)}, {"review_on": "article_review_far"}),
    ],
)
async def test_what_cannot_be_kept_is_told_by_its_field(
    base: KnowledgeBase, change: dict[str, Any], fault: dict[str, str]
) -> None:
    await base.add(replace(TEXT, title="煤气怎么办"), **BY)
    with pytest.raises(KnowledgeFault) as told:
        await base.add(replace(TEXT, **change), **BY)
    assert told.value.faults == fault
    with pytest.raises(KnowledgeFault):
        await base.add(TEXT, why=" ", by="supervisor")
    assert len(base.articles) == 1


@SQLITE
async def test_nobody_overwrites_what_somebody_else_wrote_meanwhile(base: KnowledgeBase) -> None:
    made = await base.add(TEXT, **BY)
    await base.change(made.article_id, TEXT, based_on=1, **BY)
    with pytest.raises(ArticleChanged):
        await base.withdraw(made.article_id, based_on=1, **BY)
    with pytest.raises(NoSuchArticle):
        await base.withdraw(77, based_on=1, **BY)


@SQLITE
async def test_the_demo_begins_with_shipped_articles_once(
    base: KnowledgeBase, journal: Journal, clock: HandClock
) -> None:
    for _ in range(2):
        demo = KnowledgeBase(journal, clock, CITY, base._classes, demo=True)
        await demo.open()
        assert len(demo.articles) >= 10
        assert all(one.version == 1 and one.text.classes for one in demo.articles)
        assert len(demo.overdue()) == 1


async def test_a_case_is_opened_answered_and_closed_in_one_step(
    base: KnowledgeBase, answers: DirectAnswers, journal: Journal, noted: Noted
) -> None:
    made = await base.add(TEXT, **BY)
    await arrive(journal)
    case = await answers.answer(CALL, {"address": "中山路"}, made.article_id, AGENT)
    assert (case.state, case.kind, case.description) == ("closed", "consult", "停水怎么办")
    assert (case.address, case.caller_phone, case.callback_wanted) == ("中山路", NUMBER, False)
    assert noted.told == [("closed", case.case_number)]
    history = await journal.read(case_number=case.case_number)
    assert [record.event.kind for record in history] == [
        "CaseOpened",
        "CaseMoved",
        "AnsweredAtOnce",
    ]
    moved = history[1].event
    assert isinstance(moved, events.CaseMoved)
    assert "《停水怎么办》（第 1 号，第 1 版）" in moved.why
    async with journal.database.session() as session:
        (kept,) = (await session.scalars(select(KnowledgeAnswerRow))).all()
    assert (kept.case_number, kept.article_id, kept.version) == (case.case_number, 1, 1)
    assert await base.answered() == {1: 1}


@SQLITE
async def test_what_was_typed_is_kept_and_a_saved_case_is_closed(
    base: KnowledgeBase, answers: DirectAnswers, registry: CaseRegistry, journal: Journal
) -> None:
    made = await base.add(TEXT, **BY)
    await arrive(journal)
    typed = {"kind": "help", "description": "三楼没水", "urgency": "urgent"}
    case = await answers.answer(CALL, typed, made.article_id, AGENT)
    assert (case.kind, case.urgency, case.description) == ("help", "urgent", "三楼没水")
    with pytest.raises(NotAllowed):
        await answers.answer(CALL, typed, made.article_id, AGENT, case.version)
    assert (await registry.get(case.case_number)).version == case.version


@SQLITE
async def test_an_answer_at_once_says_what_its_kind_must_say(
    base: KnowledgeBase, registry: CaseRegistry, journal: Journal
) -> None:
    made = await base.add(TEXT, **BY)
    await arrive(journal)
    required = {"complaint": ["address"], "consult": ["caller_phone"]}
    strict = DirectAnswers(journal, registry, base, required)
    with pytest.raises(BadForm) as bad:
        await strict.answer(CALL, {"kind": "complaint"}, made.article_id, AGENT)
    assert bad.value.faults == {"address": "form.required"}
    with pytest.raises(BadForm):
        await strict.answer(CALL, {}, made.article_id, AGENT, reachable=False)
    case = await strict.answer(CALL, {}, made.article_id, AGENT)
    assert case.state == "closed"


@SQLITE
async def test_nothing_is_left_behind_where_the_life_has_no_such_step(
    base: KnowledgeBase, journal: Journal
) -> None:
    shipped = checked()
    steps = tuple(s for s in shipped.steps if (s.source, s.action) != ("to_file", "close"))
    without = replace(shipped, steps=steps)
    registry = CaseRegistry(journal, CITY, taxonomy.load(), Noted(), machine=without)
    made = await base.add(TEXT, **BY)
    await arrive(journal)
    with pytest.raises(NotAllowed):
        await DirectAnswers(journal, registry, base).answer(CALL, {}, made.article_id, AGENT)
    async with journal.database.session() as session:
        assert (await session.scalars(select(CaseRow))).all() == []


@SQLITE
async def test_nobody_answers_from_a_withdrawn_article(
    base: KnowledgeBase, answers: DirectAnswers, journal: Journal
) -> None:
    made = await base.add(TEXT, **BY)
    await base.withdraw(made.article_id, based_on=1, **BY)
    await arrive(journal)
    with pytest.raises(NoSuchArticle):
        await answers.answer(CALL, {}, made.article_id, AGENT)
