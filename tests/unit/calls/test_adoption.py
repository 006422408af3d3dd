"""What a snapshot of the PBX may end, and what it may not."""

from __future__ import annotations

from hotline import events
from hotline.acd.engine import Engine
from hotline.acd.model import QueueRules
from hotline.calls import model
from hotline.calls.core import CallCore, CallRules
from hotline.telephony.snapshot import PbxSnapshot
from tests.databases import CITY
from tests.unit.calls.house import CALL, REACHED


def seen_without_the_caller(arrived_at: float, taken_at: float) -> CallCore:
    core = CallCore(
        CallRules("pbx1", "hotline", 20.0, "2", CITY), Engine({"hotline": QueueRules()})
    )
    core.handle(REACHED, arrived_at)
    core.handle(model.PbxSeen(PbxSnapshot((), frozenset(), taken_at)), taken_at + 0.2)
    return core


def test_a_caller_who_arrives_while_the_snapshot_is_taken_is_not_taken_for_gone() -> None:
    assert CALL in seen_without_the_caller(arrived_at=100.1, taken_at=100.0).calls


def test_a_caller_who_was_there_before_the_snapshot_and_is_missing_in_it_is_gone() -> None:
    assert seen_without_the_caller(arrived_at=99.9, taken_at=100.0).calls == {}


def after_an_end_in_order(booted_at: float | None) -> list[events.Event]:
    core = CallCore(
        CallRules("pbx1", "hotline", 20.0, "2", CITY), Engine({"hotline": QueueRules()})
    )
    core.rested_since = 100.0
    seen = model.PbxSeen(PbxSnapshot((), frozenset(), 102.0, booted_at))
    happened = core.handle(seen, 102.0).events
    return [event for event in happened if isinstance(event, events.BlindInterval)]


def test_a_pbx_that_lived_on_while_a_controller_was_replaced_was_not_seen_meanwhile() -> None:
    assert after_an_end_in_order(booted_at=50.0) == [events.BlindInterval("pbx1", 100.0, 102.0)]


def test_while_the_pbx_was_down_too_nobody_could_ring() -> None:
    assert after_an_end_in_order(booted_at=101.0) == []
