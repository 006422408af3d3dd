"""A case's history in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC

import pytest

from hotline import events
from hotline.events import Event
from hotline.registry.life.check import checked
from hotline.registry.model import SOURCES, Case
from hotline.storage.records import Record
from hotline.storage.tables import CaseRow
from hotline.web.catalogue import LANGUAGES, load_catalogue
from hotline.web.life_words import texts_of
from hotline.web.timeline import PASSED_OVER, Line, tell

NAMES = {"peer:12345": "市民热线", "agent1": "张敏", "supervisor": "赵主任", "callback1": "陈静"}
CASE = Case.of(
    CaseRow(
        case_number="2026112000001", state="to_file", kind="report", urgency="urgent",
        category_code="component/0101", category_name="上水井盖", address="新地址",
        description="描述", happened="", caller_name="", caller_phone="13812345678",
        anonymous=False, callback_wanted=True, unit="",
    )
)  # fmt: skip


CATALOGUE = load_catalogue().extended(texts_of(checked()))


def told(*happened: Event, language: str = "zh", case: Case = CASE) -> tuple[Line, ...]:
    catalogue = CATALOGUE
    records = [Record(n, 100.0 + n, event) for n, event in enumerate(happened, 1)]

    def t(key: str, /, **values: object) -> str:
        return catalogue.text(language, key, **values)

    return tell(records, case, NAMES, t, UTC)


GIVEN = {
    "condition": "general",
    "closing": "solved",
    "unit": "路灯所",
    "unit_id": "lamps",
    "assist": ["roads"],
    "part": "roads",
    "until": 1_795_000_000.0,
    "level": 2,
    "owner": "agent1",
    "against": "check",
    "into": "2",
    "unit_names": {"roads": "市政所"},
}


def everything() -> Iterator[Event]:
    """Each kind of event with each of its outcomes."""
    call, offer = ("c", "agent1"), ("c", "agent1", "c/1")
    yield events.CallArrived("c", "pbx1", "PJSIP/x", "12319", "13812345678")
    yield events.CallArrived("c", "pbx1", "PJSIP/x", "12319", "")
    yield events.CallQueued("c", "hotline", 0, 100.0)
    yield events.CallOffered(*offer)
    for outcome in ("answered", "refused", "missed", "unreachable", "withdrawn"):
        yield events.OfferEnded(*offer, outcome)
    yield events.CallAnswered(*call, 8.0, "x")
    for by in ("citizen", "agent", "system", "handover", "unknown"):
        yield events.TalkEnded(*call, 65.0, by)
    yield from (events.TalkHeld(*call, why) for why in ("cut_off", "agent", "consult"))
    yield from (events.TalkResumed(*call, why) for why in ("back", "left"))
    yield events.TalkTakenOver("c", "agent1", "supervisor")
    yield events.CallBrought(*call, "n-ob-1", "1", "n", "PJSIP/x", "12319", "13812345678", "x.wav")
    for silent in ("agent", "citizen", "both"):
        yield events.OneWayAudio(*call, silent, 9.0)
    yield events.AudioRestored(*call)
    yield events.CallRated(*call, 5)
    yield events.CallAbandoned("c", "hotline", 9.0)
    yield events.CallAdopted("c", "talking", "agent1")
    yield events.CallEnded("c", "citizen")
    yield from of_handovers()
    yield events.RecordingStored("c", "talk.wav", 61.0)
    yield events.RecordingFailed("c", "talk.wav", "no such file")
    for reason in ("nobody_ready", "out_of_hours", "asked", "again", "fallback"):
        yield events.ReportStarted("c", "c/r1", "r1", reason)
    for ended in ("key", "silence", "hangup", "limit", "fault", "unknown"):
        yield events.ReportRecorded("c", "c/r1", "r1", 12.0, ended)
    for because in ("silent", "unsaved", "replaced"):
        yield events.ReportEmpty("c", "c/r1", "1.2 s, peak 3", because)
    yield events.CaseHeld("1", "supervisor", "诉讼")
    yield events.CaseHoldLifted("1", "supervisor", "结束")
    yield from of_clocks()
    yield events.MessagePlanned("c", "1", "m", "case_number")
    yield events.MessageSent("c", "1", "m")
    yield events.MessageFailed("c", "1", "m", "refused", "the gateway answers 400")
    yield events.ReportTranscribed("c", "c/r1", "井盖坏了", 0.9, "demo")
    yield events.ReportTranscriptionFailed("c", "c/r1", "died")
    for source in SOURCES:
        yield events.CaseOpened("1", "c", source, "to_file", "agent1")
    yield from of_steps()
    yield events.CaseEdited("1", "system", ("description",), {"description": ""})
    yield events.CaseEdited("1", "agent1", ("kind",), {"kind": "consult", "anonymous": True})
    yield from of_callbacks()
    storm = ("1", 3, "人民路积水", "", ("人民路",), 200.0)
    yield events.StormBegan(*storm, "supervisor")
    yield events.StormChanged(*storm, "supervisor")
    yield events.StormEnded("1", 3, "system", 12)
    for new in (True, False):
        yield events.CallerAffected("c", 3, 8, "人民路", new)
    for relation in ("duplicate", "related", "merged", "took", "split", "gave"):
        yield events.CaseLinked("1", "2", relation, "agent1", "同一处")
        yield events.CaseUnlinked("1", "2", relation, "agent1", "不是一处")
    yield from of_callers()
    yield from of_overflow()
    yield from of_exchange()
    yield from of_kept_places()
    yield from of_the_floor()


def of_the_floor() -> Iterator[Event]:
    """Help, calls that staff place, promises."""
    yield events.HelpAsked(1, "agent1", "c")
    yield events.HelpSeen(1, "agent1", "supervisor", "赵主任", "c")
    for outcome in ("answered", "dismissed", "withdrawn"):
        yield events.HelpEnded(1, "agent1", outcome, "supervisor", "赵主任", "马上来", "c")
    yield events.OutboundDialled(4, "agent1", "ob", "1")
    yield events.OutboundProgressed(4, "agent1", "ob", "talking", "1")
    for outcome in (
        "talked", "staff_unreachable", "cancelled", "no_answer", "busy", "failed", "unknown",
    ):  # fmt: skip
        yield events.OutboundEnded(4, "agent1", "ob", outcome, 30.0, "1")
    yield events.PromiseMade(2, "agent1", 1_795_000_000.0, "告知进展", "c", "1")
    yield events.CallCutOff("c", "agent1", "talking")
    for outcome in ("kept", "withdrawn", "rang_again"):
        yield events.PromiseEnded(2, outcome, "agent1", "已解决", "c", "1")


def of_callbacks() -> Iterator[Event]:
    """What becomes of a callback."""
    yield events.CallbackPlanned("1", 7)
    yield events.CallbackDialled("1", 7, 1, "callback1", "cb")
    for outcome in (
        "talked", "staff_unreachable", "cancelled", "no_answer", "busy", "failed", "unknown",
    ):  # fmt: skip
        yield events.CallbackEnded("1", 7, "cb", outcome, 60.0 if outcome == "talked" else None)
    for points in range(1, 6):
        yield events.CallbackSurveyed("1", 7, "callback1", True, points > 2, points, "没修好")
    yield events.CallbackSurveyed("1", 7, "system", False)
    yield events.CallbackWithdrawn("1", 7)


def of_steps() -> Iterator[Event]:
    """Steps of a case's life."""
    # Each action from one of its states; "back" is told by the state that it was.
    for step in {step.action: step for step in checked().steps}.values():
        target = "to_handle" if step.target == "back" else step.target
        yield events.CaseMoved("1", step.action, step.source, target, "supervisor", "因为")
    for state in checked().states:
        yield events.CaseMoved("1", "void", state, "void", "supervisor", "因为")
    yield events.CaseMoved("1", "dispatch", "to_dispatch", "to_handle", "a", "", GIVEN)


def of_handovers() -> Iterator[Event]:
    third = ("c", "c/h1")
    yield events.HandoverStarted(*third, "110", "three_way", "agent1", "漏气", "110 报警")
    yield events.HandoverStarted(*third, "110", "flow")
    yield events.HandoverStarted(*third, "ext:1002", "consult", "agent1", "漏气", "李强")
    yield events.HandoverStarted(*third, "hotline", "queue", "agent1", "", "热线")
    yield events.HandoverStarted(*third, "1", "park", "agent1", "", "驻留位 1")
    yield events.HandoverEnded(*third, "parked")
    yield events.ConsultationRecorded(*third, "consults/ho-c-h1.wav", 12.0)
    for outcome in ("taken", "queued", "caller_gone"):
        yield events.CallUnparked("c", 1, outcome, "agent1" if outcome == "taken" else "")
    yield events.HandoverAnswered(*third)
    yield events.HandoverJoined(*third)
    yield events.CallerLeft("c")
    for outcome in (
        "talked", "busy", "no_answer", "unreachable", "hung_up", "cancelled", "caller_gone",
        "unknown", "taken_over", "queued", "parted",
    ):  # fmt: skip
        yield events.HandoverEnded(*third, outcome, 30.0)


def of_clocks() -> Iterator[Event]:
    """What a case's clocks tell."""
    clocks = (
        "verify", "file", "dispatch", "arrive", "handle", "feedback", "check", "close", "publish"
    )  # fmt: skip
    for kind in clocks:
        yield events.ClockWarned("1", kind, 100.0)
    yield events.ClockBreached("1", "handle", 100.0, late=True)
    for level in ("unit", "dispatcher", "supervisor"):
        yield events.ClockEscalated("1", "handle", level, 100.0)
    moved = {"clock": "handle", "before": 1.0, "after": 2.0}
    yield events.ClocksRecomputed("1", 3, "台风", (moved, moved | {"clock": "close"}))


def of_kept_places() -> Iterator[Event]:
    """What can become of a place that is kept."""
    yield events.PlaceKept("c-kp-1", "c", "13800138000", "hotline", 0, 100.0)
    yield events.PlaceDialled("c-kp-1", "agent1", "c-kp-1/1")
    for outcome in ("no_answer", "busy", "cancelled", "failed", "unknown"):
        yield events.PlaceTried("c-kp-1", "agent1", outcome, 1)
    for outcome in ("talked", "unreached", "rang_again", "matter_closed", "expired"):
        yield events.PlaceEnded("c-kp-1", outcome)


def of_exchange() -> Iterator[Event]:
    """Each kind of event about other systems, and about files."""
    yield events.CaseAttached("1", 1, "after", "photo", "井盖.jpg", "0" * 64, 9_000, "agent1")
    for how in ("api", "sheet"):
        yield events.CaseReceived("1", "12345", "2026-1", how)
    for what in ("feedback", "withdrawn", "not_withdrawn"):
        yield events.CasePeerSaid("1", "12345", what, "群众满意")
    yield events.CaseMessageSkipped("1", "12345", 2, "supervisor", "对方已停用")


def of_overflow() -> Iterator[Event]:
    """Each way in which a queue sends a caller on."""
    yield events.HandoverStarted("c", "c/h1", "12345", "overflow")
    for why in ("wait", "length", "nobody", "target", "full"):
        for to in ("queue:english", "target:12345", "report"):
            yield events.CallOverflowed("c", "hotline", to, why, 65.0)


def of_callers() -> Iterator[Event]:
    """Each kind of event about who calls, and why they go first."""
    for reasons in (("life_safety", "open_case:2"), ("missed", "repeated:3"), ("flow:漏气",)):
        yield events.CallQueued("c", "hotline", 3, 100.0, reasons)
    yield events.CallQueued("c", "hotline", -3, 100.0, ("nuisance",))
    for how in ("calling", "number"):
        yield events.ProgressAsked("c", "1", how, True)
    yield events.ProgressAsked("c", "", "number", False, "12345")
    yield events.SilentCall("c", 30.0, "report")
    for mark in ("silent", "nuisance", "abusive"):
        yield events.TalkMarked("c", "agent1", mark, "一直不说话")
    yield events.TalkMarkUndone("c", "agent1", "silent")
    for effect in ("announce", "lower", "report"):
        yield events.CallerRuleApplied("c", 1, effect)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", list(everything()), ids=repr)
def test_everything_that_happens_is_told_in_words(event: Event, language: str) -> None:
    for line in told(event, language=language):
        assert not re.search(r"\b(history|case|priority)\.\w|\{\w+\}", line.text + line.quote)
        if language == "zh":
            assert not re.search(r"[A-Za-z_]{3,}", line.text)


def test_no_event_of_a_call_or_a_case_is_forgotten() -> None:
    tried = {type(event) for event in everything()} | PASSED_OVER
    keys = {"call_id", "case_number"}
    of_cases = {
        kind
        for kind in Event.kinds.values()
        if keys & {field.name for field in fields(kind)} and kind is not events.AgentStateChanged
    }
    assert {kind.__name__ for kind in of_cases} <= {kind.__name__ for kind in tried}


def test_what_means_nothing_to_a_reader_is_left_out() -> None:
    assert told(events.FlowStep("c", "greeting"), events.CallEnded("c", "citizen")) == ()


def test_a_handover_is_told_by_the_name_of_the_service_from_its_start_to_its_end() -> None:
    lines = told(
        events.HandoverStarted("c", "c/h1", "110", "three_way", "agent1", "漏气", "110 报警"),
        events.HandoverJoined("c", "c/h1"),
        events.HandoverEnded("c", "c/h1", "talked", 42.0),
    )
    assert [line.text for line in lines] == [
        "张敏转接110 报警",
        "110 报警进入通话",
        "110 报警通话结束，时长 0:42",
    ]
    assert lines[0].quote == "漏气"


def test_a_number_is_masked_also_in_the_history() -> None:
    arrived = events.CallArrived("c", "pbx1", "PJSIP/x", "12319", "13812345678")
    edited = events.CaseEdited("1", "agent1", ("caller_phone",), {"caller_phone": "13900001111"})
    lines = told(arrived, edited)
    assert "138****5678" in lines[0].text
    change = lines[1].changes[0]
    assert (change.before, change.after) == ("139****1111", "138****5678")


def test_each_edit_shows_what_stood_before_and_after_it() -> None:
    first = events.CaseEdited("1", "agent1", ("address",), {"address": "旧地址"})
    second = events.CaseEdited(
        "1", "supervisor", ("address", "urgency"), {"address": "中间地址", "urgency": "normal"}
    )
    earlier, later = told(first, second)
    assert [(c.before, c.after) for c in earlier.changes] == [("旧地址", "中间地址")]
    assert [(c.before, c.after) for c in later.changes] == [
        ("中间地址", "新地址"),
        ("一般", "紧急"),
    ]
    assert "赵主任" in later.text
    assert "地址、紧急程度" in later.text


def test_a_changed_category_is_told_by_its_name_only() -> None:
    before = {"standard": None, "category_code": None, "category_name": None}
    [line] = told(events.CaseEdited("1", "agent1", tuple(before), before))
    assert [(c.label, c.before, c.after) for c in line.changes] == [("类别", "—", "上水井盖")]


def test_the_reason_that_was_given_is_quoted() -> None:
    [line] = told(events.CaseMoved("1", "reject", "to_file", "not_filed", "agent1", "私人物业"))
    assert line.quote == "私人物业"


def test_lines_stand_in_the_order_of_what_happened() -> None:
    """An event that waited for the database is journalled later than it happened."""
    late = Record(2, 90.0, events.CallQueued("c", "hotline", 0, 90.0))
    early = Record(1, 100.0, events.CallOffered("c", "agent1", "c/1"))
    lines = tell([early, late], replace(CASE), NAMES, lambda key, /, **_: key)
    assert [line.text for line in lines] == ["history.queued", "history.offered"]
