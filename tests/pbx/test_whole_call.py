"""A citizen's call becomes a case: the whole path on real parts."""

from __future__ import annotations

from hotline.demo.phone import INCOMING
from hotline.speech.audio import read_wav
from tests.agreement import comes_to_agree
from tests.audio import level_db, loud_seconds, tone_seconds
from tests.deadline import until
from tests.forms import complaint
from tests.system import AGENT_HZ, CITIZEN_HZ, HotlineSystem
from tests.talks import ringing_in, talking, waiting


async def test_a_caller_hears_greeting_and_notice_and_then_music(system: HotlineSystem) -> None:
    async with ringing_in(system) as call:
        await call.ear.hears(("greeting",), within=30)
        await call.ear.hears(("recording-notice",), within=30)
        await system.journalled("CallQueued", after=call.mark, call_id=call.call_id)
        start = len(call.citizen.heard())
        await until(lambda: loud_seconds(call.citizen.heard()[start:]) > 2, what="music")
        await call.citizen.hangup()
        await call.citizen.closed()
    ended = await system.journalled("CallAbandoned", after=call.mark, call_id=call.call_id)
    assert 2 < ended.data["waited_s"] < 30


async def test_the_page_pops_at_the_offer_with_numbers_and_history(
    system: HotlineSystem, number: str
) -> None:
    async with system.ready_agent() as (desk, phone):
        for earlier in range(2):
            async with waiting(system, number, "李四") as call:
                pop = (await desk.event("pop", within=30)).data["pop"]
                await phone.event(INCOMING)
                assert pop["call_id"] == call.call_id
                assert pop["called"] == "12319"
                assert pop["calling"] == f"{number[:3]}****{number[-4:]}"
                assert pop["calling_name"] == "李四"
                assert len(pop["calls"]) == earlier
                await call.citizen.hangup()
                await phone.closed()
            await system.journalled("CallEnded", after=call.mark, call_id=call.call_id)


async def test_a_talk_is_recorded_and_becomes_a_case(system: HotlineSystem, number: str) -> None:
    async with talking(system, number=number, name="张三") as talk:
        case_number = await talk.desk.save(talk.call_id, **complaint(phone=number))
        await talk.desk.post("/api/agent/hang-up")
        await talk.ear.hears(("survey",), within=30)
        await talk.citizen.send_keys("5")
        await talk.ear.hears(("survey-thanks",), within=30)
        await talk.citizen.closed(within=30)
        await until(lambda: _state_is(talk.desk, "wrap_up"))
        await talk.desk.post("/api/agent/wrap-up/end")
        await until(lambda: _state_is(talk.desk, "ready"))
        rated = await system.journalled("CallRated", after=talk.mark, call_id=talk.call_id)
        assert rated.data["score"] == 5
        await system.journalled("RecordingStored", after=talk.mark, call_id=talk.call_id)
        recording = await talk.desk.client.get(f"/media/recordings/{talk.call_id}")
        assert recording.status_code == 200
        await _case_has_everything(system, case_number, talk.call_id)
    call = system.rows("SELECT * FROM calls WHERE call_id = ?", talk.call_id)[0]
    heard = read_wav(system.config.recording.dir / call["recording"]).samples
    assert tone_seconds(heard, CITIZEN_HZ, share=0.3) > 0.8
    assert tone_seconds(heard, AGENT_HZ, share=0.3) > 0.8
    assert level_db(heard) > -30
    await comes_to_agree(system, talk.mark)


async def _case_has_everything(system: HotlineSystem, case_number: str, call_id: str) -> None:
    case = system.rows("SELECT * FROM cases WHERE case_number = ?", case_number)[0]
    assert case["call_id"] == call_id
    assert case["description"] == complaint()["description"]
    assert case["opened_by"] == "agent1"
    assert len(case_number) == 13
    kinds = [entry.kind for entry in system.journal(call_id=call_id)]
    order = ["CallArrived", "CallQueued", "CallOffered", "CallAnswered"]
    order += ["TalkEnded", "CallRated", "CallEnded"]
    assert [kind for kind in kinds if kind in order] == order


async def _state_is(desk: object, state: str) -> bool:
    agent = await desk.agent()  # type: ignore[attr-defined]
    return bool(agent["state"] == state)
