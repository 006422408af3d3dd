from __future__ import annotations

from collections.abc import Mapping

import pytest

from hotline.events import FlowEntryChanged, FlowPublished
from hotline.ivr.ground import Ground
from hotline.ivr.library import (
    FlowConflict,
    FlowLibrary,
    FlowRefused,
    NoSuchFlow,
    NothingChanged,
)
from hotline.storage import flows as rows
from hotline.storage.database import Database
from hotline.storage.flows import Draft, Publication
from hotline.storage.journal import Journal
from tests.databases import MORNING, HandClock

MENU = """\
flow: menu
title: {zh: 菜单}
start: main
person: wait
nodes:
  main: {kind: menu, prompts: [menu-main], keys: {"1": wait, "2": message}}
  wait: {kind: queue, queue: hotline, talked: bye, nobody: message, asked: message}
  message: {kind: report, saved: bye, empty: bye}
  bye: {kind: goodbye}
"""
LONGER = MENU.replace("start: main", "start: hello").replace(
    "nodes:\n", "nodes:\n  hello: {kind: say, prompts: [greeting], next: main}\n"
)
BROKEN = MENU.replace("start: main", "start: nowhere")
INNER = """\
flow: inner
title: {zh: 内层}
start: say
nodes:
  say: {kind: say, prompts: [greeting], next: back}
  back: {kind: return, exit: done}
"""
OUTER = (
    MENU.replace("flow: menu", "flow: outer")
    .replace("start: main", "start: ask")
    .replace(
        "nodes:\n",
        "nodes:\n  ask: {kind: flow, flow: inner, exits_to: {done: main}, next: main}\n",
    )
)


@pytest.fixture
async def library(database: Database, journal: Journal) -> FlowLibrary:
    return await opened(database, journal)


async def opened(
    database: Database, journal: Journal, shipped: Mapping[str, str] | None = None
) -> FlowLibrary:
    library = FlowLibrary(
        database, journal, shipped if shipped is not None else {"menu": MENU}, Ground
    )
    await library.open()
    return library


async def test_what_the_product_ships_is_in_force_until_the_city_publishes(
    library: FlowLibrary, journal: Journal
) -> None:
    assert library.current("menu").version == 0
    new = await library.publish("menu", LONGER, by="supervisor", note="问候", based_on=0)
    assert (new.version, new.flow.start) == (1, "hello")
    assert library.current("menu") is new
    [record] = await journal.read(kinds=[FlowPublished])
    assert record.event == FlowPublished("menu", 1, "supervisor", "问候")


async def test_a_call_keeps_the_flows_that_it_began_with(library: FlowLibrary) -> None:
    before = library.snapshot()
    await library.publish("menu", LONGER, by="supervisor", based_on=0)
    assert before["menu"].version == 0
    assert library.snapshot()["menu"].version == 1


async def test_what_was_published_is_in_force_after_a_restart(
    library: FlowLibrary, database: Database, journal: Journal
) -> None:
    await library.publish("menu", LONGER, by="supervisor", based_on=0)
    await library.publish(
        "night", MENU.replace("flow: menu", "flow: night"), by="supervisor", based_on=0
    )
    again = await opened(database, journal)
    assert {name: one.version for name, one in again.snapshot().items()} == {"menu": 1, "night": 1}
    assert await again.text("menu") == LONGER
    assert await again.text("menu", 0) == MENU


async def test_a_faulty_flow_is_refused_with_its_findings(
    library: FlowLibrary, journal: Journal
) -> None:
    with pytest.raises(FlowRefused) as refused:
        await library.publish("menu", BROKEN, by="supervisor", based_on=0)
    assert "unknown-node" in {finding.code for finding in refused.value.findings}
    assert library.current("menu").version == 0
    assert journal.last_seq == 0


async def test_a_flow_that_would_break_another_is_refused(
    database: Database, journal: Journal
) -> None:
    library = await opened(database, journal, {"inner": INNER, "outer": OUTER})
    other_exit = INNER.replace("exit: done", "exit: else")
    with pytest.raises(FlowRefused) as refused:
        await library.publish("inner", other_exit, by="supervisor", based_on=0)
    assert list(refused.value.breaks) == ["outer"]


async def test_the_second_of_two_who_began_from_the_same_version_is_told(
    library: FlowLibrary,
) -> None:
    await library.publish("menu", LONGER, by="supervisor", note="first", based_on=0)
    with pytest.raises(FlowConflict) as conflict:
        await library.publish("menu", LONGER + "# more\n", by="other", based_on=0)
    assert (conflict.value.current.by, conflict.value.current.version) == ("supervisor", 1)
    await library.publish("menu", LONGER + "# more\n", by="other", based_on=1)
    assert library.current("menu").version == 2


async def test_what_another_program_published_meanwhile_is_seen(
    library: FlowLibrary, database: Database, journal: Journal
) -> None:
    other = await opened(database, journal)
    await other.publish("menu", LONGER, by="other", based_on=0)
    with pytest.raises(FlowConflict):
        await library.publish("menu", LONGER + "# more\n", by="supervisor", based_on=0)
    assert library.current("menu").version == 1


async def test_nothing_is_published_twice(library: FlowLibrary) -> None:
    with pytest.raises(NothingChanged):
        await library.publish("menu", MENU, by="supervisor", based_on=0)


@pytest.mark.parametrize("name", ["", "Menu", "../menu", "a b", "x" * 60])
async def test_what_cannot_be_a_name_is_refused(library: FlowLibrary, name: str) -> None:
    with pytest.raises(NoSuchFlow):
        await library.publish(name, MENU, by="supervisor", based_on=0)


async def test_a_return_to_an_older_version_is_one_more_publication(
    library: FlowLibrary, journal: Journal, clock: HandClock
) -> None:
    await library.publish("menu", LONGER, by="supervisor", based_on=0)
    clock.advance(60)
    back = await library.roll_back("menu", 0, by="other", note="投诉增多", based_on=1)
    assert (back.version, back.flow.start) == (0, "main")
    newest, first = await library.history("menu")
    assert (newest.version, newest.rolled_back_from, newest.note) == (0, 1, "投诉增多")
    assert (newest.at, first.at) == (MORNING + 60, MORNING)
    assert (await journal.read(kinds=[FlowPublished]))[-1].event == FlowPublished(
        "menu", 0, "other", "投诉增多", 1
    )
    new = await library.publish("menu", LONGER + "# 3\n", by="supervisor", based_on=0)
    assert new.version == 2


async def test_a_version_that_was_never_there_cannot_be_gone_back_to(library: FlowLibrary) -> None:
    with pytest.raises(NoSuchFlow):
        await library.roll_back("menu", 7, by="supervisor", note="?", based_on=0)


async def test_what_is_typed_is_kept_until_it_is_published(library: FlowLibrary) -> None:
    await library.save_draft(Draft("menu", "supervisor", "first", 0, MORNING))
    await library.save_draft(Draft("menu", "supervisor", LONGER, 0, MORNING + 1))
    await library.save_draft(Draft("menu", "other", "mine\ud800", 0, MORNING + 2))
    assert [(d.user_id, d.text) for d in await library.drafts("menu")] == [
        ("other", "mine\ufffd"),
        ("supervisor", LONGER),
    ]
    await library.publish("menu", LONGER, by="supervisor", based_on=0)
    assert [draft.user_id for draft in await library.drafts("menu")] == ["other"]


async def test_a_call_begins_in_the_flow_of_the_number_called(
    library: FlowLibrary, database: Database, journal: Journal
) -> None:
    await library.publish(
        "night", MENU.replace("flow: menu", "flow: night"), by="supervisor", based_on=0
    )
    assert library.entry("12319") == "default"
    await library.set_entry("*", "menu", by="supervisor")
    await library.set_entry("12345", "night", by="supervisor")
    assert (library.entry("12319"), library.entry("12345")) == ("menu", "night")
    again = await opened(database, journal)
    assert (again.entry("12319"), again.entry("12345")) == ("menu", "night")
    await library.set_entry("12345", "", by="supervisor")
    assert library.entry("12345") == "menu"
    changed = await journal.read(kinds=[FlowEntryChanged])
    assert changed[-1].event == FlowEntryChanged("12345", "", "supervisor")
    with pytest.raises(NoSuchFlow):
        await library.set_entry("*", "nowhere", by="supervisor")


async def test_a_flow_that_cannot_take_calls_is_published_for_others_but_no_call_begins_in_it(
    library: FlowLibrary,
) -> None:
    assert (await library.publish("inner", INNER, by="supervisor", based_on=0)).version == 1
    with pytest.raises(FlowRefused):
        await library.set_entry("*", "inner", by="supervisor")
    assert library.entry("12319") == "default"


async def test_a_published_text_that_this_program_does_not_know_gives_way_to_the_shipped_one(
    database: Database, journal: Journal
) -> None:
    text = MENU.replace("goodbye", "hologram")
    async with database.writing() as session:
        version = await rows.add_version(session, "menu", text, based_on=0, by="x", at=MORNING)
        rows.add_publication(session, Publication("menu", version, "x", MORNING, ""))
    library = await opened(database, journal)
    assert library.current("menu").version == 0
    assert library.version("menu") == 1
    assert await library.text("menu") == text


async def test_a_flow_is_published_under_its_own_name(library: FlowLibrary) -> None:
    with pytest.raises(FlowRefused) as refused:
        await library.publish("night", MENU, by="supervisor", based_on=0)
    assert [finding.code for finding in refused.value.findings] == ["other-name"]
