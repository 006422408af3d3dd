"""Full numbers and recordings: to those who may, and written down before they are given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from hotline import events
from hotline.config import Config, RecordingSection
from hotline.registry.forms import read_form
from hotline.registry.model import Person
from hotline.speech.audio import write_wav
from hotline.storage.tables import RevealRow
from tests.audio import tone
from tests.databases import MORNING
from tests.unit.web.house import House, some_pop

CALL = "pbx1-1.1"
REPORT = f"{CALL}/r1"


@pytest.fixture
async def recorded(house: House, tmp_path: Path) -> House:
    """A house with a recorded call of agent1's and a spoken report."""
    folder = tmp_path / "recordings"
    (folder / "2026").mkdir(parents=True)
    (folder / "2026" / "talk.wav").write_bytes(b"RIFF" + b"0123456789" * 100)
    (folder / "2026" / "report.wav").write_bytes(b"RIFF-report")
    (tmp_path / "secret.wav").write_bytes(b"secret")
    await house.journal.append(
        events.CallArrived(CALL, "pbx1", "PJSIP/t", "12319", "13812345678"),
        events.CallOffered(CALL, "agent1", f"{CALL}/1"),
        events.CallAnswered(CALL, "agent1", 5.0, "2026/talk.wav"),
        events.ReportStarted(CALL, REPORT, "2026/report", "asked"),
        events.ReportStarted(CALL, f"{CALL}/r2", "../secret", "asked"),
        events.ReportStarted(CALL, f"{CALL}/r3", "2026/gone", "asked"),
    )
    house = await house.rebuilt(Config(recording=RecordingSection(dir=folder)))
    house.calls.pops[CALL, "agent1"] = some_pop(CALL)
    return house


async def reveals(house: House) -> list[tuple[object, ...]]:
    columns = (RevealRow.user_id, RevealRow.subject, RevealRow.reason, RevealRow.at)
    async with house.database.session() as session:
        return [tuple(row) for row in await session.execute(select(*columns))]


async def test_a_number_is_given_for_a_reason_that_is_written_down(recorded: House) -> None:
    async with recorded.browser("agent1") as browser:
        wanted = {"subject": f"call:{CALL}", "reason": "check"}
        answer = await browser.send_json("POST", "/api/reveal", wanted)
    assert answer.json() == {"shown": "13812345678"}
    assert await reveals(recorded) == [("agent1", f"call:{CALL}", "check", MORNING)]


async def test_a_name_is_given_like_a_number(house: House) -> None:
    number = await a_case(house, confidential=False)
    async with house.browser("checker1") as browser:
        page = await browser.get(f"/cases/{number}")
        assert "欧阳靖国" not in page.text
        wanted = {"subject": f"name:{number}", "reason": "check"}
        answer = await browser.send_json("POST", "/api/reveal", wanted)
    assert answer.json() == {"shown": "欧阳靖国"}
    assert [row[1] for row in await reveals(house)] == [f"name:{number}"]


@pytest.mark.parametrize(("who", "status"), [("agent1", 200), ("agent2", 403), ("supervisor", 200)])
async def test_who_reported_in_confidence_is_known_to_few(
    house: House, who: str, status: int
) -> None:
    number = await a_case(house, confidential=True)
    async with house.browser(who) as browser:
        for kind in ("name", "case"):
            wanted = {"subject": f"{kind}:{number}", "reason": "check"}
            answer = await browser.send_json("POST", "/api/reveal", wanted)
            assert answer.status_code == status


async def a_case(house: House, *, confidential: bool) -> str:
    """The number of a case that agent1 opened."""
    form = read_form(
        {
            "kind": "report",
            "description": "偷倒渣土",
            "caller_name": "欧阳靖国",
            "caller_phone": "13812345678",
            "confidential": confidential,
        }
    )
    opener = Person("agent1", "agent")
    return (await house.web.parts.cases.open_from_call(form, "pbx1-3.1", opener)).case_number


async def test_without_a_reason_there_is_no_number(recorded: House) -> None:
    async with recorded.browser("agent1") as browser:
        answer = await browser.send_json("POST", "/api/reveal", {"subject": f"call:{CALL}"})
    assert answer.status_code == 422
    assert await reveals(recorded) == []


async def test_an_agent_does_not_see_the_numbers_of_other_agents_calls(recorded: House) -> None:
    async with recorded.browser("agent2") as browser:
        wanted = {"subject": f"call:{CALL}", "reason": "check"}
        answer = await browser.send_json("POST", "/api/reveal", wanted)
    assert answer.status_code == 403
    assert await reveals(recorded) == []


@pytest.mark.parametrize("subject", ["case:none", "callback:7", "callback:x", "call:none"])
async def test_a_subject_without_a_number_gives_none(recorded: House, subject: str) -> None:
    async with recorded.browser("supervisor") as browser:
        wanted = {"subject": subject, "reason": "check"}
        assert (await browser.send_json("POST", "/api/reveal", wanted)).status_code == 404


async def test_a_talk_is_played_and_the_listening_written_down_once(recorded: House) -> None:
    async with recorded.browser("supervisor") as browser:
        whole = await browser.get(f"/media/recordings/{CALL}")
        part = await browser.get(f"/media/recordings/{CALL}", headers={"range": "bytes=4-13"})
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/wav")
    assert (part.status_code, part.content) == (206, b"0123456789")
    assert whole.headers["cache-control"] == "no-store"
    assert [row[:3] for row in await reveals(recorded)] == [
        ("supervisor", f"recording:{CALL}", "listen")
    ]


async def test_an_agent_hears_their_own_talks_only(recorded: House) -> None:
    async with recorded.browser("agent1") as browser:
        assert (await browser.get(f"/media/recordings/{CALL}")).status_code == 200
    async with recorded.browser("agent2") as browser:
        assert (await browser.get(f"/media/recordings/{CALL}")).status_code == 403


async def test_a_spoken_report_is_played(recorded: House) -> None:
    async with recorded.browser("agent2") as browser:
        assert (await browser.get(f"/media/reports/{REPORT}")).content == b"RIFF-report"


async def test_a_report_is_played_without_its_silences_unless_the_original_is_asked_for(
    recorded: House, tmp_path: Path
) -> None:
    file = tmp_path / "recordings" / "2026" / "report.wav"
    quiet = np.zeros(24_000, np.int16)
    write_wav(file, np.concatenate([quiet, tone(500, 1.0), quiet]))
    async with recorded.browser("supervisor") as browser:
        played = (await browser.get(f"/media/reports/{REPORT}")).content
        original = (await browser.get(f"/media/reports/{REPORT}?original=1")).content
    assert original == file.read_bytes()
    assert len(played) < len(original) / 3


@pytest.mark.parametrize("report_id", [f"{CALL}/r2", f"{CALL}/r3", "none", "../../etc/passwd"])
async def test_nothing_outside_the_recordings_is_played(recorded: House, report_id: str) -> None:
    async with recorded.browser("supervisor") as browser:
        assert (await browser.get(f"/media/reports/{report_id}")).status_code == 404
    assert await reveals(recorded) == []
