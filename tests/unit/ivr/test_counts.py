from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from hotline import events
from hotline.ivr.counts import (
    ENTERED,
    REPORTED,
    RETURNED,
    TALKED,
    NodeCount,
    PassageTally,
    by_node,
)
from hotline.storage.records import Record

CALL = "pbx1-1.1"
NOON = 1795147200.0


def arrived(call_id: str = CALL) -> events.CallArrived:
    return events.CallArrived(call_id, "pbx1", "PJSIP/trunk-1", "12319", "13800138000")


def step(
    node: str, by: str = "", flow: str = "menu", version: int = 1, call_id: str = CALL
) -> events.FlowStep:
    return events.FlowStep(call_id, node, flow, version, by)


def tally(happened: Sequence[events.Event | float]) -> PassageTally:
    """Count events; a number among them lets so many seconds pass."""
    counting, at = PassageTally(), NOON
    for seq, one in enumerate(happened, 1):
        if isinstance(one, float):
            at += one
        else:
            counting.apply(Record(seq, at, one))
    return counting


def nodes(counting: PassageTally, flow: str = "menu") -> dict[str, NodeCount]:
    sums: Counter[tuple[str, str]] = Counter()
    for passage, times in counting.drain().items():
        if passage.flow == flow:
            sums[passage.node, passage.exit] += times
    return by_node(sums)


def test_a_caller_is_counted_into_each_node_and_out_by_the_exit_taken() -> None:
    counts = nodes(
        tally(
            [
                arrived(),
                step("greeting"),
                step("main", "next"),
                step("wait", "key:1"),
                events.CallEnded(CALL, "citizen"),
            ]
        )
    )
    assert counts["greeting"] == NodeCount(1, {"next": 1})
    assert counts["main"] == NodeCount(1, {"key:1": 1})
    assert counts["wait"] == NodeCount(1, {}, hung_up=1)
    assert counts[""] == NodeCount(1, {}, hung_up=1)


def test_who_hangs_up_after_the_talk_has_not_given_up() -> None:
    talk = [arrived(), step("wait"), events.CallAnswered(CALL, "agent1", 3.0)]
    counts = nodes(tally([*talk, events.CallEnded(CALL, "citizen")]))
    assert counts["wait"] == NodeCount(1, {TALKED: 1})
    later = [*talk, step("survey", "talked"), events.CallEnded(CALL, "citizen")]
    assert nodes(tally(later))["survey"].hung_up == 1


def test_who_hangs_up_while_speaking_a_report_has_left_it() -> None:
    spoken = [arrived(), step("message"), events.ReportStarted(CALL, "r1", "p", "asked")]
    assert nodes(tally([*spoken, events.CallEnded(CALL, "citizen")]))["message"].left == {
        REPORTED: 1
    }
    nothing = [*spoken, events.ReportEmpty(CALL, "r1", "silence")]
    assert nodes(tally([*nothing, events.CallEnded(CALL, "citizen")]))["message"].hung_up == 1


def test_a_sub_flow_is_counted_by_itself_and_holds_the_caller_in_the_outer_node() -> None:
    inside = [arrived(), step("ask"), step("number", flow="progress", version=4)]
    counting = tally([*inside, step("bye", "next"), events.CallEnded(CALL, "system")])
    passages = counting.drain()
    outer = by_node({(p.node, p.exit): n for p, n in passages.items() if p.flow == "menu"})
    inner = by_node({(p.node, p.exit): n for p, n in passages.items() if p.flow == "progress"})
    assert outer["ask"] == NodeCount(1, {"next": 1})
    assert outer["bye"] == NodeCount(1, {}, ended=1)
    assert inner["number"] == NodeCount(1, {RETURNED: 1})
    assert {passage.version for passage in passages if passage.flow == "progress"} == {4}
    gone = nodes(tally([*inside, events.CallEnded(CALL, "citizen")]))
    assert gone["ask"].hung_up == 1


def test_an_exit_belongs_to_the_hour_of_the_entry() -> None:
    counting = tally([arrived(), step("wait"), 7200.0, step("bye", "nobody")])
    hours = {(p.node, p.exit): p.hour for p in counting.drain()}
    assert hours["wait", "nobody"] == hours["wait", ENTERED] == int(NOON // 3600)
    assert hours["bye", ENTERED] == int(NOON // 3600) + 2


def test_steps_from_before_flows_had_names_are_not_counted() -> None:
    assert not tally([arrived(), events.FlowStep(CALL, "greeting")]).drain()


_MOVES = st.sampled_from(
    [
        step("a", "next"),
        step("b", "key:1"),
        step("c", "next", flow="inner"),
        step("d", "key:2", flow="inner"),
        events.CallAnswered(CALL, "agent1", 1.0),
        events.ReportStarted(CALL, "r1", "p", "asked"),
        events.CallEnded(CALL, "citizen"),
        events.CallEnded(CALL, "system"),
        1800.0,
    ]
)


@given(st.lists(_MOVES, max_size=40))
def test_whoever_entered_a_node_left_it_hung_up_ended_or_is_there(
    moves: list[events.Event | float],
) -> None:
    walked = [arrived(), *moves, events.CallEnded(CALL, "citizen")]
    counting = tally(walked)
    for flow in ("menu", "inner"):
        for count in nodes(tally(walked), flow).values():
            assert count.inside == 0
    assert all(count > 0 for count in counting.drain().values())


@given(st.lists(_MOVES, max_size=40), st.integers(0, 40))
def test_counting_that_was_cut_off_goes_on_where_it_was(
    moves: list[events.Event | float], cut: int
) -> None:
    # A call arrives once.
    moves = [arrived(), *moves]
    whole = tally(moves).drain()
    before = tally(moves[:cut])
    counted = before.drain()
    after = PassageTally()
    at, past = NOON, []
    for seq, one in enumerate(moves, 1):
        if isinstance(one, float):
            at += one
            continue
        record = Record(seq, at, one)
        if seq <= cut:
            past.append(record)
            continue
        if not after.knows(one):
            after.recall(CALL, past)
        after.apply(record)
        past.append(record)
    assert counted + after.drain() == whole
