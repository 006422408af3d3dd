"""Cases, calls and recordings to look at: what a busy morning leaves behind."""

from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np

from hotline import events
from hotline.knowledge.shipped import demo_articles
from hotline.registry.forms import read_form
from hotline.registry.life.model import Inputs
from hotline.registry.model import Person
from hotline.speech.audio import write_wav
from tests.unit.web.house import House

AGENT, SUPERVISOR = Person("agent1", "agent"), Person("supervisor", "supervisor")
CALLBACK = Person("callback1", "callback")

_PLACES = (
    ("中山路 12 号地铁 A 口旁", "component/0101", "井盖破损，边缘翘起，夜间有电动车差点摔倒。"),
    ("解放桥北侧绿地", "event/0111", "绿化带内有装修垃圾两堆，已经三天没人清运，天热有异味。"),
    ("人民东路与建设街路口", "component/0137", "路灯不亮，连续四盏，晚上学生放学看不清路。"),
    ("滨河公园南门", "", "问一下公园闭园时间，夏天是不是延长到十点。"),
    ("新华里 3 号楼前", "event/0404", "楼下烧烤摊占道经营到凌晨两点，油烟很大。"),
    ("学府路实验小学门口", "component/0217", "护栏倒了一段，上学时间家长都从缺口穿马路。"),
)  # fmt: skip
_KINDS = ("report", "complaint", "report", "consult", "complaint", "help")
_STEPS = (
    (),
    (("file", SUPERVISOR, ""),),
    (("file", AGENT, ""), ("dispatch", SUPERVISOR, "")),
    (
        ("file", AGENT, ""),
        ("dispatch", SUPERVISOR, ""),
        ("feedback", AGENT, "已更换井盖，现场照片两张。"),
    ),
    (("close", AGENT, "夏季闭园时间为 22:00，已当场答复。"),),
    (("reject", AGENT, "私人物业范围内，已告知联系物业。"),),
    (
        ("file", AGENT, ""),
        ("dispatch", SUPERVISOR, ""),
        ("feedback", AGENT, "已清运。"),
        ("check_pass", AGENT, ""),
        ("close", SUPERVISOR, ""),
    ),
)


_GIVEN = Inputs(closing="solved")


class Wall:
    """A wall clock that can be set back, for a past to be made in."""

    def __init__(self) -> None:
        self.back = 0.0

    def __call__(self) -> float:
        return time.time() - self.back


async def seed_cases(house: House, wall: Wall, count: int) -> None:
    """``count`` cases from calls, in every state, and four from spoken reports."""
    folder = house.web.parts.config.recording.dir
    for n in range(count):
        wall.back = 500.0 * (count - n) + 300
        await _from_call(house, folder, n, wall() - 150)
    for n, seconds in enumerate((14.0, 8.0, 21.0, 3.0)):
        wall.back = 300.0 * (4 - n)
        await _from_report(house, folder, n, seconds, wall() - 150)
    wall.back = 0.0


async def _from_call(house: House, folder: Path, n: int, at: float) -> None:
    call_id = f"pbx1-{n}.9"
    await _talk(house, n, call_id, at)
    await house.journal.append(_judged(folder, n, call_id, 40.0 + n % 60))
    place, category, words = _PLACES[n % len(_PLACES)]
    form = {
        "kind": _KINDS[n % len(_KINDS)],
        "urgency": ("normal", "normal", "urgent", "normal", "critical")[n % 5],
        "category": category,
        "address": place,
        "description": words,
        "caller_name": ("李先生", "王女士", "")[n % 3],
        "unit": "城东市政养护所",
    }
    cases = house.web.parts.cases
    case = await cases.open_from_call(read_form(form), call_id, AGENT)
    if n % 2:
        changes = {"address": place + "东侧 20 米", "urgency": "urgent"}
        case = await cases.edit(case.case_number, changes, case.version, SUPERVISOR)
    for action, by, why in _STEPS[n % len(_STEPS)]:
        case = await cases.move(
            case.case_number, action, by, why, version=case.version, inputs=_GIVEN
        )


async def _talk(house: House, n: int, call_id: str, at: float) -> None:
    second, talked = n % 4 == 1, 40.0 + n % 60
    agent = "agent2" if second else "agent1"
    calling = f"138{n % 7:04}{n:04}"
    happened: list[tuple[float, events.Event]] = [
        (0, events.CallArrived(call_id, "pbx1", f"PJSIP/t-{n}", "12319", calling)),
        (9, events.CallQueued(call_id, "hotline", 0, at + 9)),
        (10, events.CallOffered(call_id, "agent1", f"{call_id}/1")),
    ]
    if second:
        happened += [
            (15, events.OfferEnded(call_id, "agent1", f"{call_id}/1", "missed")),
            (15, events.CallOffered(call_id, "agent2", f"{call_id}/2")),
        ]
    happened += [
        (17, events.CallAnswered(call_id, agent, 8.0, f"2026/talk{n}.wav")),
        (17 + talked, events.TalkEnded(call_id, agent, talked, "citizen")),
        (30 + talked, events.CallEnded(call_id, "citizen")),
    ]
    if n % 3 == 0:
        happened.append((25 + talked, events.CallRated(call_id, agent, 5 - n % 2)))
    for after, event in happened:
        await house.journal.append(event, at=at + after)


def _judged(folder: Path, n: int, call_id: str, talked: float) -> events.Event:
    """Most recordings are whole, some cut short, some missing."""
    path = f"2026/talk{n}.wav"
    if n % 9 == 4:
        return events.RecordingFailed(call_id, path, f"talk{n}.wav: there is no such file")
    if n % 9 == 7:
        tone(folder / path, 6.0)
        why = f"6.0 s recorded of a talk of {talked:.1f} s"
        return events.RecordingFailed(call_id, path, why)
    tone(folder / path, talked)
    return events.RecordingStored(call_id, path, talked)


async def _from_report(house: House, folder: Path, n: int, seconds: float, at: float) -> None:
    call_id = f"pbx1-{n}.77"
    report_id, path = f"{call_id}/r1", f"reports/report{n}"
    tone(folder / f"{path}.wav", seconds)
    arrived = events.CallArrived(call_id, "pbx1", f"PJSIP/r-{n}", "12319", f"1390000{n:04}")
    await house.journal.append(arrived, at=at)
    await house.journal.append(events.CallQueued(call_id, "hotline", 0, at + 8), at=at + 8)
    started = events.ReportStarted(call_id, report_id, path, "nobody_ready")
    await house.journal.append(started, at=at + 98)
    ended = events.ReportRecorded(call_id, report_id, path, seconds, "hangup")
    await house.journal.append(ended, at=at + 98 + seconds)
    await house.journal.append(events.CallEnded(call_id, "citizen"), at=at + 99 + seconds)
    await house.web.parts.cases.open_from_report(report_id)
    if n == 1:
        why = "tried 2 times; the recogniser was killed after 300 s"
        await house.journal.append(events.ReportTranscriptionFailed(call_id, report_id, why))
    elif n in (0, 2):
        text = "建设路八号门口的井盖坏了请尽快来修" if n == 0 else "人民公园路灯不亮"
        model = "demo (synthetic voices only)"
        sure = 0.93 if n == 0 else 0.55
        words = events.ReportTranscribed(call_id, report_id, text, sure, model)
        await house.journal.append(words)
        await house.web.parts.cases.take_transcript(report_id)


def tone(path: Path, seconds: float) -> None:
    """A recording of a wavering tone, as Asterisk writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    at = np.arange(int(seconds * 8000)) / 8000
    wave = np.sin(2 * math.pi * (440 + 60 * np.sin(at)) * at) * (0.3 + 0.2 * np.sin(3 * at))
    write_wav(path, (wave * 20_000).astype(np.int16))


async def seed_articles(house: House) -> None:
    """The demo's articles in the knowledge base, all but those that are due for review."""
    base = house.web.parts.knowledge.base
    for text in demo_articles(base.today, lambda _key: True):
        if text.review_on > base.today:
            await base.add(text, why="演示内容", by="supervisor")
