"""``hotline flow check`` knows the queues of the routing plan: the published one, or a file's."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hotline.cli import app
from hotline.config import Config, load
from hotline.routing.configured import configured_library
from hotline.storage.database import Database, migrate
from hotline.storage.journal import Journal
from tests.databases import HandClock

FLOW = """\
flow: night
title: {zh: 夜间}
start: wait
person: wait
nodes:
  wait: {kind: queue, queue: QUEUE, talked: bye, nobody: bye, asked: bye}
  bye: {kind: goodbye, prompts: [goodbye]}
"""
PLAN = "queues: [{name: hotline, title: {zh: 热线}}, {name: water, title: {zh: 供水}}]"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "hotline.toml"
    path.write_text("", encoding="utf-8")
    return path


def checked(folder: Path, queue: str, *more: str) -> Result:
    flow = folder / "night.yaml"
    flow.write_text(FLOW.replace("QUEUE", queue), encoding="utf-8")
    config = str(folder / "hotline.toml")
    command = ["flow", "check", str(flow), "--config", config, "--language", "en", *more]
    return CliRunner().invoke(app, command)


async def publish(config: Config, *queues: str) -> None:
    config.hotline.data_dir.mkdir(parents=True, exist_ok=True)
    await migrate(config.database_url)
    database = Database(config.database_url)
    try:
        journal = Journal(database, HandClock())
        await journal.open()
        plans = configured_library(config, journal, dict)
        await plans.open()
        plan = {"queues": [{"name": name, "title": {"zh": name}} for name in queues]}
        await plans.publish(plan, by="supervisor", based_on=0, unproved="试")
    finally:
        await database.close()


def test_a_flow_may_name_any_queue_of_the_published_plan(tmp_path: Path, config: Path) -> None:
    asyncio.run(publish(load(config), "hotline", "water"))
    assert checked(tmp_path, "water").exit_code == 0
    done = checked(tmp_path, "watr")
    assert done.exit_code == 1
    assert "no queue “watr”. Did you mean “water”? There are: hotline, water." in done.output


def test_a_plan_in_a_file_is_checked_against_without_a_database(
    tmp_path: Path, config: Path
) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN, encoding="utf-8")
    assert checked(tmp_path, "water", "--plan", str(plan)).exit_code == 0
    assert checked(tmp_path, "gas", "--plan", str(plan)).exit_code == 1


def test_without_a_plan_the_check_says_that_it_knows_the_configured_queue_alone(
    tmp_path: Path, config: Path
) -> None:
    assert "no routing plan here" not in checked(tmp_path, "hotline").output
    done = checked(tmp_path, "water")
    assert done.exit_code == 1
    assert "only the configured queue “hotline” is known" in done.output
    assert not load(config).hotline.data_dir.exists()


def test_a_plan_that_cannot_be_read_ends_the_check_in_words(tmp_path: Path, config: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("queues: [{nam: hotline}]", encoding="utf-8")
    for path, words in ((plan, "There is no “nam” here"), (tmp_path / "no.yaml", "cannot be read")):
        done = checked(tmp_path, "water", "--plan", str(path))
        assert (done.exit_code, words in done.output) == (2, True)
