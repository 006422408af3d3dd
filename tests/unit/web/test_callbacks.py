from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hotline import events
from hotline.callback.model import Outcome, State
from hotline.config import Config, RecordingSection
from hotline.registry.model import Person
from hotline.speech.audio import write_wav
from hotline.web.catalogue import load_catalogue
from tests.unit.callback.closing import Closing
from tests.unit.web.house import House

STAFF, COLLEAGUE = Person("callback1", "callback"), Person("callback2", "callback")
PHONE = "13812345678"
MASKED = "138****5678"


def text(key: str, language: str = "zh") -> str:
    return load_catalogue().texts[language][key]


@pytest.fixture
def closing(house: House) -> Closing:
    return Closing(house.web.parts.cases, house.database)


async def talked(house: House, closing: Closing, **typed: object) -> int:
    desk = house.web.parts.callbacks
    task_id = await closing.task(**typed)
    dialling = await desk.dialled(task_id, STAFF)
    await desk.progressed(dialling.call_id, State.TALKING)
    await desk.ended(dialling.call_id, Outcome.TALKED, 30.0)
    return task_id


def answers(**changes: object) -> dict[str, object]:
    return {"reached": True, "solved": True, "satisfaction": 5, "why_not": "", **changes}


async def test_the_worklist_shows_what_is_due_with_masked_numbers(
    house: House, closing: Closing
) -> None:
    task_id = await closing.task()
    async with house.browser("callback1") as browser:
        page = (await browser.get("/callbacks")).text
    assert f'data-task="{task_id}"' in page
    assert "人民路23号" in page
    assert "已当场答复" in page
    assert MASKED in page
    assert PHONE not in page


async def test_an_empty_worklist_says_what_will_come(house: House) -> None:
    async with house.browser("supervisor") as browser:
        for view in ("due", "later", "done"):
            page = (await browser.get(f"/callbacks?view={view}")).text
            assert text(f"callbacks.empty.{view}") in page


@pytest.mark.parametrize(
    "address", ["?view=x&sort=x&page=x", "?page=99999999&text=%00", "?task=x&text=%F0%9F"]
)
async def test_a_crooked_address_is_no_error(house: House, closing: Closing, address: str) -> None:
    await closing.task()
    async with house.browser("callback1") as browser:
        assert (await browser.get(f"/callbacks{address}")).status_code == 200


async def test_pressing_call_rings_the_own_phone(house: House, closing: Closing) -> None:
    task_id = await closing.task()
    async with house.browser("callback1") as browser:
        answer = await browser.send_json("POST", f"/api/callbacks/{task_id}/call", {})
    assert house.dialler.asked == [(task_id, "callback1", "2001")]
    assert answer.json()["task"]["state"] == "dialling"
    assert PHONE not in answer.text


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_call_that_cannot_be_placed_says_why(
    house: House, closing: Closing, language: str
) -> None:
    task_id = await closing.task()
    house.dialler.refusal = "callback.pbx_down"
    async with house.browser("callback1") as browser:
        browser.cookies.set("hotline_language", language)
        answer = await browser.send_json("POST", f"/api/callbacks/{task_id}/call", {})
    assert answer.status_code == 409
    assert answer.json()["message"] == text("error.callback.pbx_down", language)


async def test_a_callback_that_is_not_there_is_not_found(house: House) -> None:
    async with house.browser("callback1") as browser:
        assert (await browser.get("/callbacks?task=4711")).status_code == 404
        for path in ("/api/callbacks/4711/answers", f"/api/callbacks/{2**40}/answers"):
            assert (await browser.send_json("POST", path, answers())).status_code in {404, 422}


async def test_answers_end_the_callback_and_name_the_next(house: House, closing: Closing) -> None:
    task_id = await talked(house, closing)
    following = await closing.task(caller_phone="13900139000")
    async with house.browser("callback1") as browser:
        answer = await browser.send_json("POST", f"/api/callbacks/{task_id}/answers", answers())
        page = (await browser.get(f"/callbacks?view=done&task={task_id}")).text
    assert answer.json()["task"]["state"] == "done"
    assert answer.json()["next"] == following
    assert text("callbacks.point.very_satisfied") in page
    assert "100.0 %" in page


async def test_an_unsatisfied_citizen_opens_the_case_again(house: House, closing: Closing) -> None:
    task_id = await talked(house, closing)
    given = answers(satisfaction=1, why_not="井盖仍未更换")
    async with house.browser("callback1") as browser:
        answer = await browser.send_json("POST", f"/api/callbacks/{task_id}/answers", given)
    assert answer.json()["task"]["case_state"] == "to_dispatch"


UNMARKED = {"solved": None, "satisfaction": None}
REQUIRED = {"solved": "required", "satisfaction": "required"}


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        (answers(satisfaction=2), {"why_not": "required"}),
        (answers(**UNMARKED), REQUIRED),
        (answers(satisfaction=9), {"satisfaction": "choice"}),
        (answers(**UNMARKED, reached=False, why_not="x"), {"why_not": "unreached"}),
        ({"solved": True}, {"reached": "required"}),
        (answers(why_not="x" * 5001), {"why_not": "wrong"}),
    ],
)
async def test_a_faulty_answer_is_refused_beside_its_field(
    house: House, closing: Closing, given: dict[str, object], faults: dict[str, str]
) -> None:
    task_id = await talked(house, closing)
    async with house.browser("callback1") as browser:
        answer = await browser.send_json("POST", f"/api/callbacks/{task_id}/answers", given)
    assert answer.status_code == 422
    assert answer.json()["fields"] == {
        field: text(f"error.field.{key}") for field, key in faults.items()
    }


async def test_another_ones_callback_cannot_be_answered(house: House, closing: Closing) -> None:
    task_id = await closing.task()
    await house.web.parts.callbacks.dialled(task_id, COLLEAGUE)
    async with house.browser("callback1") as browser:
        answer = await browser.send_json("POST", f"/api/callbacks/{task_id}/answers", answers())
        page = (await browser.get(f"/callbacks?task={task_id}")).text
    assert (answer.status_code, answer.json()["error"]) == (409, "callback.taken")
    assert text("callbacks.hint.others").replace("{name}", "callback2") in page


async def test_what_is_in_hand_is_opened_first(house: House, closing: Closing) -> None:
    await closing.task(caller_phone="13900139000")
    mine = await talked(house, closing)
    async with house.browser("callback1") as browser:
        page = (await browser.get("/callbacks")).text
    assert f'id="task" data-task="{mine}"' in page
    assert text("callbacks.in_hand") in page


async def test_a_callbacks_recording_can_be_played(
    house: House, closing: Closing, tmp_path: Path
) -> None:
    task_id = await talked(house, closing)
    call_id = (await closing.row(task_id)).call_id or ""
    (tmp_path / "talks").mkdir()
    write_wav(tmp_path / "talks/cb.wav", np.zeros(8000, np.int16))
    house = await house.rebuilt(Config(recording=RecordingSection(dir=tmp_path)))
    await house.journal.append(events.RecordingStored(call_id, "talks/cb.wav", 1.0))
    async with house.browser("callback1") as browser:
        played = await browser.get(f"/media/recordings/{call_id}")
    assert (played.status_code, played.headers["content-type"]) == (200, "audio/wav")
    async with house.browser("agent1") as browser:
        assert (await browser.get(f"/media/recordings/{call_id}")).status_code == 403


@pytest.mark.parametrize("why", ["<script>alert(1)</script>", "'\"><img src=x>"])
async def test_what_a_citizen_said_is_text(house: House, closing: Closing, why: str) -> None:
    task_id = await talked(house, closing, description=why)
    given = answers(solved=False, why_not=why)
    async with house.browser("callback1") as browser:
        await browser.send_json("POST", f"/api/callbacks/{task_id}/answers", given)
        page = (await browser.get(f"/callbacks?task={task_id}")).text
    assert why not in page


async def test_a_call_is_ended_from_the_page_whatever_telephone_it_is_on(
    house: House, closing: Closing
) -> None:
    task_id = await closing.task()
    async with house.browser("callback1") as browser:
        path = f"/api/callbacks/{task_id}"
        early = await browser.send_json("POST", f"{path}/hang-up", {})
        await browser.send_json("POST", f"{path}/call", {})
        late = await browser.send_json("POST", f"{path}/hang-up", {})
    assert (early.status_code, late.status_code) == (409, 204)
    assert house.dialler.hung_up == [f"pbx1-cb-{task_id}-1"]


async def test_only_whose_callback_it_is_lets_the_citizen_hear_music(
    house: House, closing: Closing
) -> None:
    task_id = await closing.task()
    path = f"/api/callbacks/{task_id}"
    async with house.browser("callback1") as browser, house.browser("supervisor") as other:
        await browser.send_json("POST", f"{path}/call", {})
        refused = await other.send_json("POST", f"{path}/hold", {})
        held = await browser.send_json("POST", f"{path}/hold", {})
        assert (refused.status_code, held.status_code) == (409, 204)
        assert house.dialler.held == [f"pbx1-cb-{task_id}-1"]
        back = await browser.send_json("DELETE", f"{path}/hold", {})
        assert (back.status_code, house.dialler.held) == (204, [])


async def test_the_open_callback_says_that_its_citizen_hears_music(
    house: House, closing: Closing
) -> None:
    task_id = await closing.task()
    call_id = f"pbx1-cb-{task_id}-1"
    async with house.browser("callback1") as browser:
        await browser.send_json("POST", f"/api/callbacks/{task_id}/call", {})
        await house.web.parts.callbacks.progressed(call_id, State.TALKING)
        await house.journal.append(events.TalkHeld(call_id, "callback1", "cut_off"))
        page = await browser.get(f"/callbacks?task={task_id}")
        assert 'data-held="cut_off"' in page.text
        await house.journal.append(events.TalkResumed(call_id, "callback1"))
        page = await browser.get(f"/callbacks?task={task_id}")
    assert 'data-held=""' in page.text
