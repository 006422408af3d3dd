"""The prompts' page: what it lists, what it takes, and the words for what it does not."""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
import pytest
from scipy.io import wavfile

from hotline.config import Config, HotlineSection, RecordingSection
from hotline.events import PromptReplaced
from hotline.ivr import prompts
from hotline.speech.audio import read_wav
from hotline.speech.synthesis import Synthesiser
from hotline.storage.tables import UserRow
from hotline.telephony.ami import AmiEvent
from hotline.web.catalogue import load_catalogue
from hotline.web.envelope import MOST_UPLOAD_BYTES
from tests.prompts import place_short_prompts
from tests.unit.web.house import Browser, House

GOODBYE = "zh/goodbye"


def text(key: str, **values: str) -> str:
    return load_catalogue().text("zh", key, **values)


@pytest.fixture(scope="module")
def spoken() -> np.ndarray:
    """Somebody says goodbye, in the studio's quality."""
    voice = Synthesiser().say("感谢您的来电，再见。")
    return np.repeat(np.concatenate([np.zeros(800, np.int16), voice, np.zeros(800, np.int16)]), 2)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prompts recorded by the city, all but the goodbye."""
    folder = tmp_path_factory.mktemp("shelf")
    place_short_prompts(folder)
    (folder / f"{GOODBYE}.wav").unlink()
    prompts.build(folder)
    return folder


@pytest.fixture
async def room(house: House, shelf: Path, tmp_path: Path) -> House:
    """A house with those prompts."""
    shutil.copytree(shelf, tmp_path / "var" / "prompts")
    return await house.rebuilt(
        Config(
            hotline=HotlineSection(data_dir=tmp_path / "var"),
            recording=RecordingSection(dir=tmp_path / "recordings"),
        )
    )


def wav(samples: np.ndarray, rate: int = 16000) -> bytes:
    into = BytesIO()
    wavfile.write(into, rate, samples)
    return into.getvalue()


async def send(browser: Browser, content: bytes, key: str = GOODBYE) -> httpx.Response:
    return await browser.post(
        f"/prompts/{key}/recording",
        data={"_csrf": browser.csrf},
        files={"file": ("goodbye.wav", content, "audio/wav")},
    )


async def test_the_list_is_narrowed_by_language_state_topic_and_words(room: House) -> None:
    async with room.browser("supervisor") as browser:
        page = (await browser.get("/prompts")).text
        assert "感谢您的来电，再见。" in page
        assert "Thank you for calling" not in page
        assert "n-17" not in page
        assert "n-17" in (await browser.get("/prompts?topic=reading")).text
        english = (await browser.get("/prompts?language=en&text=thank you for calling")).text
        assert "Thank you for calling. Goodbye." in english
        assert "please-wait" not in english
        synthetic = (await browser.get("/prompts?state=synthetic")).text
        assert "goodbye" in synthetic
        assert "recording-notice" not in synthetic
        assert text("prompts.empty") in (await browser.get("/prompts?text=nothing")).text


async def test_a_prompt_is_heard_whole_or_in_part(room: House) -> None:
    async with room.browser("admin") as browser:
        whole = await browser.get(f"/media/prompts/{GOODBYE}")
        part = await browser.get(f"/media/prompts/{GOODBYE}", headers={"range": "bytes=0-43"})
        assert (await browser.get("/media/prompts/zh/..%2f..%2fhotline")).status_code == 404
        assert (await browser.get("/media/prompts/fr/goodbye")).status_code == 404
    assert whole.content[:4] == b"RIFF"
    assert (part.status_code, part.content) == (206, whole.content[:44])


async def test_an_upload_is_checked_levelled_heard_and_taken_back(
    room: House, spoken: np.ndarray
) -> None:
    async with room.browser("supervisor") as browser:
        before = (await browser.get(f"/media/prompts/{GOODBYE}")).content
        answer = await send(browser, wav(spoken))
        assert answer.status_code == 303
        page = (await browser.get(answer.headers["location"])).text
        assert text("prompts.done.replaced") in page
        assert text("prompts.finding.resampled", rate="16000") in page
        assert text("prompts.how.upload") in page
        heard = await browser.get(f"/media/prompts/{GOODBYE}")
        assert heard.content != before
        later = (await browser.get(f"/prompts?prompt={GOODBYE}")).text
        assert text("prompts.finding.resampled", rate="16000") not in later
        answer = await browser.send_form(f"/prompts/{GOODBYE}/revert")
        assert (
            text("prompts.done.synthetic") in (await browser.get(answer.headers["location"])).text
        )
        answer = await browser.send_form(f"/prompts/{GOODBYE}/revert")
        assert text("prompts.done.reverted") in (await browser.get(answer.headers["location"])).text
        assert (await browser.get(f"/media/prompts/{GOODBYE}")).content == heard.content
    records = await room.journal.read(kinds=(PromptReplaced,))
    assert [record.event for record in records] == [
        PromptReplaced("goodbye", "zh", "supervisor", how)
        for how in ("upload", "synthetic", "reverted")
    ]


async def test_a_bad_upload_changes_nothing_and_says_why(room: House, spoken: np.ndarray) -> None:
    clipped = np.clip(spoken.astype(np.int64) * 20, -32768, 32767).astype(np.int16)
    async with room.browser("supervisor") as browser:
        before = (await browser.get(f"/media/prompts/{GOODBYE}")).content
        for content, words in (
            (wav(clipped), "削波"),
            (b"ID3 music", "不能读取"),
            (wav(np.zeros(30000, np.int16)), "文件里没有声音"),
            (wav(np.tile(spoken, 8)), "请确认录的是这一条"),
        ):
            answer = await send(browser, content)
            assert answer.status_code == 422
            assert words in answer.text
            assert text("prompts.step.refused") in answer.text
        assert (await send(browser, b"")).status_code == 422
        assert (await send(browser, wav(spoken), "zh/nothing")).status_code == 404
        assert (await browser.get(f"/media/prompts/{GOODBYE}")).content == before
    assert await room.journal.read(kinds=(PromptReplaced,)) == []


async def test_a_file_that_is_far_too_large_is_refused(room: House) -> None:
    async with room.browser("supervisor") as browser:
        answer = await send(browser, bytes(MOST_UPLOAD_BYTES + 1))
    assert answer.status_code == 413


async def test_a_prompt_that_was_never_recorded_cannot_be_taken_back(room: House) -> None:
    async with room.browser("supervisor") as browser:
        page = (await browser.get(f"/prompts?prompt={GOODBYE}")).text
        assert text("prompts.revert_synthetic") not in page
        answer = await browser.send_form(f"/prompts/{GOODBYE}/revert")
    assert answer.status_code == 409
    assert text("error.prompts.nothing_to_revert") in answer.text


async def test_a_missing_prompt_is_named_and_spoken_at_once(room: House) -> None:
    shelf = room.web.parts.prompts
    (shelf.folder / f"{GOODBYE}.wav").unlink()
    async with room.browser("supervisor") as browser:
        page = (await browser.get(f"/prompts?state=missing&prompt={GOODBYE}")).text
        assert text("prompts.means.missing") in page
        assert text("prompts.speak") in page
        answer = await browser.send_form(f"/prompts/{GOODBYE}/revert", synthetic="true")
        page = (await browser.get(answer.headers["location"])).text
    assert text("prompts.done.synthetic") in page
    assert read_wav(shelf.folder / f"{GOODBYE}.wav").seconds > 1


def test_every_topic_has_words() -> None:
    catalogue = load_catalogue()
    for topic in {prompt.topic for prompt in prompts.catalogue(prompts.Wording())}:
        assert catalogue.has(f"prompts.topic.{topic}"), topic


# --- through the phone --------------------------------------------------------------------


async def given_extension(room: House) -> None:
    async with room.database.writing() as session:
        (await session.get_one(UserRow, "supervisor")).extension = "2002"


def phone(room: House, step: str) -> None:
    channel_id, _ = room.telephone.asked[0]
    fields = {"Uniqueid": channel_id, "Channel": "Local/2002@callback-staff-1;1"}
    if step != "hang up":
        fields |= {"UserEvent": "HotlinePrompt", "Step": step}
    name = "Hangup" if step == "hang up" else "UserEvent"
    room.web.parts.studio.on_event(AmiEvent(name, fields))


async def test_who_has_no_phone_is_told_so_in_words(room: House) -> None:
    async with room.browser("supervisor") as browser:
        page = (await browser.get(f"/prompts?prompt={GOODBYE}")).text
        assert text("prompts.no_extension") in page
        answer = await browser.send_json("POST", f"/api/prompts/{GOODBYE}/take", {})
    assert (answer.status_code, answer.json()["error"]) == (409, "prompts.no_phone")


async def begun(room: House, browser: Browser) -> Path:
    await given_extension(room)
    answer = await browser.send_json("POST", f"/api/prompts/{GOODBYE}/take", {})
    assert answer.status_code == 204
    assert room.telephone.asked[0][1] == "Local/2002@callback-staff/n"
    return Path(room.telephone.variables["HOTLINE_TAKE"] + ".wav")


async def step(browser: Browser) -> str:
    answer = await browser.get("/api/prompts/take", headers={"accept": "application/json"})
    return str(answer.json()["step"])


async def test_a_prompt_is_recorded_through_the_phone(room: House, spoken: np.ndarray) -> None:
    async with room.browser("supervisor") as browser:
        file = await begun(room, browser)
        assert await step(browser) == "ringing"
        phone(room, "recording")
        assert (
            text("prompts.step.recording") in (await browser.get(f"/prompts?prompt={GOODBYE}")).text
        )
        file.write_bytes(wav(spoken[::2].copy(), 8000))
        phone(room, "hearing")
        phone(room, "keep")
        phone(room, "hang up")
        while await step(browser) == "checking":
            pass
        assert await step(browser) == "kept"
        page = (await browser.get(f"/prompts?prompt={GOODBYE}&done=take")).text
    assert text("prompts.step.kept") in page
    assert text("prompts.how.phone") in page
    assert room.telephone.asked[-1][1] == "kept"
    assert not file.exists()
    assert read_wav(room.web.parts.prompts.folder / "zh/goodbye.wav").seconds > 1
    [record] = await room.journal.read(kinds=(PromptReplaced,))
    assert record.event == PromptReplaced("goodbye", "zh", "supervisor", "phone")


async def test_a_bad_take_is_told_on_the_phone_and_can_be_made_again(room: House) -> None:
    async with room.browser("supervisor") as browser:
        file = await begun(room, browser)
        phone(room, "recording")
        file.write_bytes(wav(np.zeros(9000, np.int16), 8000))
        phone(room, "keep")
        while await step(browser) == "checking":
            pass
        page = (await browser.get(f"/prompts?prompt={GOODBYE}")).text
        assert text("prompts.step.refused") in page
        assert text("prompts.finding.no_sound") in page
        assert room.telephone.asked[-1][1] == "refused"
        again = await browser.send_json("POST", f"/api/prompts/{GOODBYE}/take", {})
        assert again.json()["error"] == "prompts.already_recording"
        phone(room, "recording")
        assert await step(browser) == "recording"
        phone(room, "hang up")
        assert await step(browser) == "ended"
    assert not file.exists()
    assert await room.journal.read(kinds=(PromptReplaced,)) == []


async def test_a_phone_that_is_not_answered_is_told(room: House) -> None:
    async with room.browser("supervisor") as browser:
        await begun(room, browser)
        phone(room, "hang up")
        assert await step(browser) == "unreachable"
        answer = await browser.send_json("POST", f"/api/prompts/{GOODBYE}/take", {})
        assert answer.status_code == 204
