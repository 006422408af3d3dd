"""``hotline calendar at``, as it is typed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotline.calendar.asking import told
from hotline.calendar.model import Special, What
from hotline.calendar.service import CalendarService
from hotline.cli import app
from hotline.config import load
from hotline.storage.database import Database, migrate
from hotline.storage.journal import Journal
from tests.databases import MORNING, HandClock

RUNNER = CliRunner()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "hotline.toml"
    path.write_text(f'[hotline]\ndata_dir = "{tmp_path}"\n[queue]\nopen = "08:00-18:00"\n')
    return path


def at(config: Path, when: str) -> str:
    answer = RUNNER.invoke(app, ["calendar", "at", when, "--config", str(config)])
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_the_day_and_each_queue_are_told(config: Path) -> None:
    assert at(config, "2026-10-01 09:00").splitlines() == [
        "2026-10-01 09:00 周四 节假日 国庆节",
        "hotline: 值班 · 值班时间内 · 到 2026-10-01 18:00 为止",
        "默认值，来自 hotline.toml",
    ]
    # A question makes no database.
    assert not (config.parent / "hotline.db").exists()


def test_what_supervisors_saved_is_told(config: Path) -> None:
    async def save() -> None:
        loaded = load(config)
        await migrate(loaded.database_url)
        database = Database(loaded.database_url)
        journal = Journal(database, HandClock())
        await journal.open()
        calendar = CalendarService.of(loaded, journal)
        await calendar.set_hours("hotline", ["08:00-18:00"] * 7, "closed", 0, "supervisor")
        closure = Special(0, What.CLOSED, "", MORNING, MORNING + 3600, "系统升级")
        await calendar.add_special(closure, "supervisor")
        await database.close()

    asyncio.run(save())
    assert "hotline: 不值班 · 节假日不值班 · 到 2026-10-08 08:00 为止" in at(
        config, "2026-10-01T09:00"
    )
    told_of, said, *heard = at(config, "2026-11-20 08:30").splitlines()[1:]
    assert told_of == "hotline: 不值班 · 临时停止服务 · 到 2026-11-20 09:00 为止"
    assert said == "  “系统升级”"
    assert heard[0].startswith("1. 您好，欢迎致电")
    assert heard[2] == "3. 系统升级"
    assert heard[-1].endswith("〔提示音后留言〕")


def test_a_year_that_nobody_knows_says_so(config: Path) -> None:
    assert at(config, "2190-10-01 09:00").startswith(
        "2190-10-01 09:00 周五 工作日 (2190 年节假日未知)"
    )


def test_the_hour_may_be_written_as_it_is_said(config: Path) -> None:
    assert at(config, "2026-10-01 9:00") == at(config, "2026-10-01 09:00")


@pytest.mark.parametrize(
    "typed",
    ["tomorrow", "2026-02-29 09:00", "2026-10-01 9", "0001-01-01 00:00", "9999-12-31 23:59"],
)
def test_what_is_no_moment_is_refused_in_words(config: Path, typed: str) -> None:
    answer = RUNNER.invoke(app, ["calendar", "at", typed, "--config", str(config)])
    assert answer.exit_code == 2
    assert "is no date and time" in answer.output


async def test_what_is_heard_besides_follows_line_by_line(calendar: CalendarService) -> None:
    lines = told(calendar, None, MORNING, "en", ["Hello", "This call is recorded"])
    assert lines == [
        "2026-11-20 08:00 Fri workday",
        "hotline: On duty · within duty hours · until 2026-11-20 18:00",
        "1. Hello",
        "2. This call is recorded",
    ]
