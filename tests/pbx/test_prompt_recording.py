"""A prompt recorded through a real phone: refused when it is silence, kept when it is speech."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hotline.demo.desk import Desk
from hotline.demo.phone import INCOMING, BaresipPhone
from hotline.speech.audio import read_wav, write_wav
from hotline.speech.synthesis import Synthesiser
from tests.deadline import until
from tests.system import HotlineSystem

PROMPT = "zh/survey-thanks"
TEXT = "感谢您的评价。"


async def reaches(desk: Desk, step: str) -> None:
    async def there() -> bool:
        return bool((await desk.get("/api/prompts/take"))["step"] == step)

    await until(there, what=f"the recording is {step}")


async def speaks(phone: BaresipPhone, wav: Path, seconds: float) -> None:
    """Say the wav after the tone, and end with the hash key."""
    before = len(phone.said())
    await phone.set_source(wav)
    enough = before + int((seconds + 0.5) * 8000)
    await until(lambda: len(phone.said()) > enough, what="everything is said")
    await phone.send_keys("#")


async def test_a_supervisor_records_a_prompt_by_phone(
    system: HotlineSystem, tmp_path: Path
) -> None:
    speech, silence = tmp_path / "speech.wav", tmp_path / "silence.wav"
    said = Synthesiser().say(TEXT)
    write_wav(speech, said)
    write_wav(silence, np.zeros(80_000, np.int16))
    prompt = system.config.hotline.data_dir / "prompts" / f"{PROMPT}.wav"
    before, mark = prompt.read_bytes(), system.last_seq()
    async with system.desk("supervisor") as desk, system.agent_phone(desk) as phone:
        await phone.set_source(silence)
        await desk.post(f"/api/prompts/{PROMPT}/take")
        await phone.event(INCOMING, within=30)
        await phone.answer()
        await reaches(desk, "recording")
        await speaks(phone, silence, 1.5)
        await reaches(desk, "hearing")
        await phone.send_keys("1")
        await reaches(desk, "refused")
        assert prompt.read_bytes() == before

        await phone.send_keys("2")
        await reaches(desk, "recording")
        await speaks(phone, speech, len(said) / 8000 + 0.5)
        await reaches(desk, "hearing")
        await phone.send_keys("1")
        await reaches(desk, "kept")
        entry = await system.journalled("PromptReplaced", after=mark)
        assert entry.data == {
            "name": "survey-thanks", "language": "zh", "by": "supervisor", "how": "phone"
        }  # fmt: skip
        now = read_wav(prompt)
        assert abs(now.seconds - len(said) / 8000) < 0.7
        await phone.closed()
        prompt.with_name(f"{prompt.name}.before").replace(prompt)
    assert not list((system.config.recording.dir / "prompts").iterdir())
