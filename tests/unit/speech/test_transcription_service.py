"""The service with the real journal, database, engine and demo model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from twisted.internet.asyncioreactor import AsyncioSelectorReactor

from hotline.clock import ReactorClock
from hotline.config import SpeechSection
from hotline.events import ReportRecorded, ReportStarted, ReportTranscribed
from hotline.speech.audio import write_wav
from hotline.speech.demo_model.evaluation import plain
from hotline.speech.recogniser import RecogniserPool
from hotline.speech.service import AGAIN_AFTER_S, TranscriptionService
from hotline.speech.synthesis import Synthesiser
from hotline.storage.database import Database, DatabaseUnavailable
from hotline.storage.journal import Journal
from hotline.storage.tables import ReportRow
from tests.databases import HandClock
from tests.deadline import until

SAID = "路灯坏了，请派人来看看"


class Town:
    """A journal with reports in it, and services that come and go."""

    def __init__(
        self,
        journal: Journal,
        database: Database,
        clock: HandClock,
        reactor: AsyncioSelectorReactor,
        folder: Path,
    ) -> None:
        self.journal, self.database, self.clock = journal, database, clock
        self.folder = folder
        self._reactor = reactor

    @asynccontextmanager
    async def service(self, model: str = "demo") -> AsyncIterator[RecogniserPool]:
        pool = RecogniserPool(ReactorClock(self._reactor), SpeechSection(model=model))
        await pool.start()
        service = TranscriptionService(self.journal, self.database, pool, self.clock, self.folder)
        await service.start()
        try:
            yield pool
        finally:
            await service.stop()
            await pool.stop()

    async def record(self, number: int) -> str:
        """A citizen's report, as the calls journal it; returns its identity."""
        call_id = f"pbx1-{number}.1"
        report_id, path = f"{call_id}/r1", f"reports/{number}.wav"
        await self.journal.append(
            ReportStarted(call_id, report_id, path, "asked"),
            ReportRecorded(call_id, report_id, path, 4.0, "key"),
        )
        return report_id

    async def row(self, report_id: str) -> ReportRow:
        async with self.database.session() as session:
            row = await session.get(ReportRow, report_id)
        assert row is not None
        return row

    async def state(self, report_id: str, state: str) -> ReportRow:
        """The report's row, once it has this state."""

        async def reached() -> ReportRow | None:
            row = await self.row(report_id)
            return row if row.state == state else None

        return await until(reached, 30)


@pytest.fixture
def recordings(tmp_path: Path, synthesiser: Synthesiser) -> Path:
    """A folder with recorded reports 1 to 5."""
    speech = np.concatenate([np.zeros(2400, np.int16), synthesiser.say(SAID) // 2])
    for number in range(1, 6):
        write_wav(tmp_path / "recordings" / "reports" / f"{number}.wav", speech)
    return tmp_path / "recordings"


@pytest.fixture
def town(
    journal: Journal,
    database: Database,
    clock: HandClock,
    reactor: AsyncioSelectorReactor,
    recordings: Path,
) -> Town:
    return Town(journal, database, clock, reactor, recordings)


async def test_a_report_gets_its_text_as_soon_as_it_is_recorded(town: Town) -> None:
    async with town.service():
        row = await town.state(await town.record(1), "transcribed")
    assert plain(row.text or "") == plain(SAID)
    assert row.model == "demo (synthetic voices only)"
    assert row.confidence is not None


async def test_reports_recorded_while_nobody_listened_are_taken_up_at_the_start(
    town: Town,
) -> None:
    reports = [await town.record(number) for number in (1, 2, 3)]
    async with town.service():
        for report in reports:
            assert (await town.state(report, "transcribed")).text


async def test_without_a_model_reports_stay_waiting_until_there_is_one(town: Town) -> None:
    async with town.service(model="") as pool:
        report = await town.record(1)
        assert not pool.available
    assert (await town.row(report)).state == "waiting"
    async with town.service():
        await town.state(report, "transcribed")


async def test_a_report_whose_file_is_gone_fails_with_the_reason(town: Town) -> None:
    (town.folder / "reports/1.wav").unlink()
    (town.folder / "reports/2.wav").write_bytes(b"noise")
    async with town.service():
        gone, corrupt, good = [await town.record(number) for number in (1, 2, 3)]
        assert "No such file" in ((await town.state(gone, "failed")).fault or "")
        assert "not a WAV" in ((await town.state(corrupt, "failed")).fault or "")
        await town.state(good, "transcribed")


async def test_stopping_leaves_unfinished_reports_for_the_next_start(town: Town) -> None:
    async with town.service():
        reports = [await town.record(number) for number in (1, 2, 3, 4, 5)]
    assert "failed" not in {(await town.row(report)).state for report in reports}
    async with town.service():
        for report in reports:
            await town.state(report, "transcribed")


async def test_two_controllers_journal_a_report_once(town: Town) -> None:
    async with town.service(), town.service():
        reports = [await town.record(number) for number in (1, 2, 3)]
        for report in reports:
            await town.state(report, "transcribed")
        last = await town.record(4)
        await town.state(last, "transcribed")
    heard = await town.journal.read(kinds={ReportTranscribed})
    ids = [record.event.data()["report_id"] for record in heard]
    assert sorted(ids) == sorted([*reports, last])


async def test_a_transcript_is_kept_until_the_database_takes_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = await town.record(1)
    refused = 0

    def full(*_: object) -> None:
        nonlocal refused
        refused += 1
        raise DatabaseUnavailable("database or disk is full")

    monkeypatch.setattr(town.journal, "transaction", full)
    async with town.service():
        await until(lambda: refused, 30)
        monkeypatch.undo()
        town.clock.advance(AGAIN_AFTER_S)
        await town.state(report, "transcribed")
