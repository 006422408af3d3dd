"""Calls that staff placed, and promises, belong to their citizen like everything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotline import events
from hotline.outbound.model import Wanted
from hotline.outbound.promises import PromiseDesk
from hotline.outbound.service import OutboundDesk
from hotline.registry.model import Person
from hotline.registry.privacy.model import PrivacyRefused
from hotline.registry.privacy.service import PrivacyDesk
from hotline.storage.journal import Journal
from hotline.storage.tables_help import OutboundCallRow, PromiseRow
from tests.databases import HandClock

NUMBER = "13812345678"
AGENT, CHIEF = Person("agent1", "agent"), Person("supervisor", "supervisor")


async def nobody_waits(user_id: str) -> None:
    """No caller was kept away."""


async def test_while_a_call_is_promised_the_citizens_number_is_kept(
    journal: Journal, clock: HandClock, tmp_path: Path
) -> None:
    promises = PromiseDesk(journal)
    number = await promises.make(Wanted(NUMBER), clock.now() + 60, "告知进展", AGENT)
    privacy = PrivacyDesk(journal, tmp_path)
    with pytest.raises(PrivacyRefused, match="callback_due"):
        await privacy.minimise(f"+86{NUMBER}", CHIEF, "市民要求")
    await promises.end(number, "kept", "", AGENT)
    await privacy.minimise(NUMBER, CHIEF, "市民要求")
    async with journal.database.session() as session:
        assert NUMBER not in (await session.get_one(PromiseRow, number)).phone


async def test_the_sound_of_a_call_that_was_placed_is_erased_with_the_rest(
    journal: Journal, tmp_path: Path
) -> None:
    placed = OutboundDesk(journal, "pbx1", nobody_waits)
    errand = await placed.dialled(Wanted(NUMBER), AGENT)
    (tmp_path / "talk.wav").write_bytes(b"RIFF")
    await journal.append(events.RecordingStored(errand.call_id, "talk.wav", 12.0))
    privacy = PrivacyDesk(journal, tmp_path)
    await privacy.minimise(NUMBER, CHIEF, "市民要求")
    assert not (tmp_path / "talk.wav").exists()
    async with journal.database.session() as session:
        assert NUMBER not in (await session.get_one(OutboundCallRow, 1)).phone
