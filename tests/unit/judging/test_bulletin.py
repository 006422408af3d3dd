"""Bulletins: counted, compared, published, and left as they were published."""

from __future__ import annotations

from typing import Any

import pytest

from hotline.events import BulletinPublished, ThemeDropped, ThemeKept
from hotline.registry.judging.bulletin import Bulletin, differences
from hotline.registry.judging.model import Line, Month
from hotline.registry.judging.ranking import FEWEST, rank
from hotline.registry.judging.rates import percent, rate_of
from hotline.registry.judging.service import JudgingDesk, NoSuchTheme, NotOver, WhyNeeded
from hotline.registry.judging.themes import BadTheme, read_theme
from hotline.registry.model import Person
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.tables_places import PlaceRow, UnitRow
from tests.unit.judging.judged import DAY, DEFINITIONS, UNTIL, case_values, ended_values, put

NOVEMBER = Month(2026, 11)
AFTER = UNTIL + DAY
ZHAO = Person("supervisor", "supervisor")


async def a_month(database: Database, late: int = 3, of: int = 12) -> None:
    await put(database, [ended_values(n, late=n < late, grid="g1") for n in range(of)])


async def names(database: Database) -> None:
    async with database.writing() as session:
        session.add(PlaceRow(kind="street", place_id="s1", name="中山街道", revision=1))
        session.add(
            UnitRow(
                unit_id="u1", name="市政公司", kind="company", districts=[], streets=[],
                professional=False, changed_by="admin", changed_at=0.0,
            )
        )  # fmt: skip


async def test_a_bulletin_counts_its_month_by_everything_with_names(
    database: Database, desk: JudgingDesk
) -> None:
    await a_month(database)
    await names(database)
    found = await desk.look(NOVEMBER, AFTER)
    rate = rate_of(DEFINITIONS.rate("closing_in_time"), found.total.counts)
    assert (rate.numerator, rate.denominator, percent(rate.value)) == (9, 12, "75.00 %")
    assert [(line.key, line.name) for line in found.by["unit"]] == [("u1", "市政公司")]
    assert found.by["street"][0].name == "中山街道"
    assert found.by["class"][0].name
    assert found.total.times["verify"].mean is None
    assert sum(map(sum, found.patterns.week)) == 12
    assert [(place.grid, place.cases) for place in found.patterns.places] == [("g1", 12)]


async def test_there_is_nothing_to_compare_with_where_there_were_no_cases(
    database: Database, desk: JudgingDesk
) -> None:
    await a_month(database)
    found = await desk.look(NOVEMBER, AFTER)
    assert (found.before, found.last_year) == (None, None)
    december = await desk.look(Month(2026, 12), AFTER)
    assert december.before is not None
    assert december.before["closed"] == 12
    assert "open" not in december.before


async def test_a_bulletin_survives_being_kept(database: Database, desk: JudgingDesk) -> None:
    await a_month(database)
    found = await desk.look(NOVEMBER, AFTER)
    assert Bulletin.from_data(found.as_data()) == found
    with pytest.raises(ValueError, match="format"):
        Bulletin.from_data({"format": 99})


async def test_what_was_published_stays_whatever_happens_to_the_cases(
    database: Database, desk: JudgingDesk, journal: Journal
) -> None:
    await a_month(database)
    await desk.publish(NOVEMBER, ZHAO, AFTER)
    await put(database, [ended_values(n, late=True) for n in range(20)])
    kept = await desk.published(NOVEMBER)
    assert kept is not None
    assert (kept.revision, kept.by, kept.why) == (1, "supervisor", "")
    assert kept.bulletin.total.counts["intime_closed"] == 9
    again = await desk.look(NOVEMBER, AFTER)
    changed = differences(kept.bulletin, again)
    assert changed["intime_closed"] == (9, 0)
    assert changed["report"] == (12, 20)
    assert "open" not in changed
    [record] = await journal.read(kinds=[BulletinPublished])
    assert record.event == BulletinPublished("2026-11", 1, "supervisor", "")


async def test_a_correction_needs_a_reason_and_leaves_what_stood_before(
    database: Database, desk: JudgingDesk
) -> None:
    await a_month(database)
    await desk.publish(NOVEMBER, ZHAO, AFTER)
    await a_month(database, late=0)
    with pytest.raises(WhyNeeded):
        await desk.publish(NOVEMBER, ZHAO, AFTER + 100, "  ")
    await desk.publish(NOVEMBER, ZHAO, AFTER + 100, "补录结案时间")
    revisions = await desk.revisions(NOVEMBER)
    assert [(each.revision, each.why) for each in revisions] == [(2, "补录结案时间"), (1, "")]
    assert [each.bulletin.total.counts["intime_closed"] for each in revisions] == [12, 9]
    assert await desk.published_months() == [NOVEMBER]


async def test_a_month_that_is_not_over_is_not_published(
    database: Database, desk: JudgingDesk
) -> None:
    await a_month(database)
    with pytest.raises(NotOver):
        await desk.publish(NOVEMBER, ZHAO, UNTIL - 1)
    assert await desk.published(NOVEMBER) is None


# --- rankings -----------------------------------------------------------------------------


def lines(*counts: tuple[str, int, int]) -> list[Line]:
    return [
        Line(key, key, {"intime_closed": good, "should_close": all_of, "rework": good,
                        "should_dispose": all_of})
        for key, good, all_of in counts
    ]  # fmt: skip


def placed(rate: str, *counts: tuple[str, int, int]) -> list[tuple[str, int | None]]:
    return [(each.line.key, each.place) for each in rank(lines(*counts), DEFINITIONS.rate(rate))]


def test_equal_rates_share_a_place_and_the_next_one_counts_them_all() -> None:
    order = placed("closing_in_time", ("a", 10, 20), ("b", 19, 20), ("c", 20, 40), ("d", 1, 20))
    assert order == [("b", 1), ("a", 2), ("c", 2), ("d", 4)]


def test_few_cases_are_shown_and_not_ranked() -> None:
    few = FEWEST - 1
    order = placed("closing_in_time", ("few", few, few), ("many", 5, 20), ("none", 0, 0))
    assert order == [("many", 1), ("few", None), ("none", None)]


def test_where_less_is_better_the_lowest_is_first() -> None:
    assert placed("rework", ("a", 5, 20), ("b", 0, 20)) == [("b", 1), ("a", 2)]


def test_nobody_is_ranked_by_a_rate_that_is_neither_good_nor_bad() -> None:
    with pytest.raises(ValueError, match="filing"):
        rank([], DEFINITIONS.rate("filing"))


def test_cases_without_a_unit_are_nobodys_place() -> None:
    assert placed("closing_in_time", ("", 20, 20)) == [("", None)]


# --- themes -------------------------------------------------------------------------------

TYPED = {"title": "井盖专题", "category": "井盖", "first": "2026-11", "last": "2026-11",
         "text": "雨季前排查"}  # fmt: skip


async def test_a_theme_counts_its_cases_only_and_compares_with_the_months_before(
    database: Database, desk: JudgingDesk, journal: Journal
) -> None:
    await put(
        database,
        [
            case_values(1),
            case_values(2, category_name="暴露垃圾", category_code="event/0111"),
            case_values(3, opened_at=UNTIL - 35 * DAY),
            case_values(4, opened_at=UNTIL - 36 * DAY),
        ],
    )
    theme = await desk.keep_theme(read_theme(TYPED), ZHAO)
    report = await desk.theme_report(theme.theme_id)
    assert (report.total.counts["report"], report.before.counts["report"]) == (1, 2)
    assert [line.name for line in report.by["class"]] == ["上水井盖"]
    await desk.drop_theme(theme.theme_id, ZHAO)
    with pytest.raises(NoSuchTheme):
        await desk.theme_report(theme.theme_id)
    kept, dropped = await journal.read(kinds=[ThemeKept, ThemeDropped])
    assert isinstance(kept.event, ThemeKept)
    assert isinstance(dropped.event, ThemeDropped)
    assert dropped.event.text == "雨季前排查"


@pytest.mark.parametrize(
    ("typed", "faults"),
    [
        ({"title": " "}, {"title": "required"}),
        ({"first": "2026"}, {"first": "wrong"}),
        ({"first": "2026-12"}, {"last": "until_before_since"}),
        ({"first": "2020-01"}, {"last": "until_before_since"}),
        ({"category": ""}, {"category": "required"}),
    ],
)
def test_a_theme_that_is_none_says_which_field(typed: dict[str, Any], faults: Any) -> None:
    with pytest.raises(BadTheme) as refused:
        read_theme(TYPED | typed)
    assert refused.value.faults == faults
