"""The numbers for Prometheus."""

from __future__ import annotations

import asyncio
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from hotline.cti.views import AgentView, Board, WaitingCall
from hotline.metrics import Metrics, watch_loop
from tests.databases import MORNING, HandClock


def samples(metrics: Metrics) -> dict[str, float]:
    """Every sample, as ``name{label}`` without its quotes."""
    found = {}
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for sample in family.samples:
            labels = ",".join(sample.labels.values())
            found[sample.name + (f"{{{labels}}}" if labels else "")] = sample.value
    return found


def board(pbx_up: bool) -> Board:
    waiting = (WaitingCall("pbx1-1.1", "13812345678", "hotline", MORNING - 40),)
    agents = (AgentView("agent1", "张敏", "1001", "ready", MORNING),)
    return Board(MORNING, 7, pbx_up, True, waiting, 0, agents)


def test_waiting_calls_and_agents_are_those_of_the_board() -> None:
    metrics = Metrics()
    metrics.watch_board(lambda: board(pbx_up=True))
    found = samples(metrics)
    assert found["hotline_calls_waiting"] == 1
    assert found["hotline_longest_wait_seconds"] == 40
    assert found["hotline_agents{ready}"] == 1
    assert found["hotline_agents{talking}"] == 0
    assert found["hotline_journal_up"] == 1


def test_while_the_pbx_is_unseen_its_numbers_are_left_out_not_zero() -> None:
    metrics = Metrics()
    metrics.watch_board(lambda: board(pbx_up=False))
    assert not any(name.startswith("hotline_calls_waiting") for name in samples(metrics))
    assert "hotline_agents{ready}" not in samples(metrics)


def test_free_disk_is_told_by_folder_and_not_for_a_missing_one(tmp_path: Path) -> None:
    metrics = Metrics()
    metrics.watch_disk({"recordings": tmp_path, "gone": tmp_path / "gone"})
    found = samples(metrics)
    assert found["hotline_disk_free_bytes{recordings}"] > 0
    assert "hotline_disk_free_bytes{gone}" not in found


def test_agi_sessions_are_told_once_somebody_counts_them() -> None:
    metrics = Metrics()
    assert "hotline_agi_sessions" not in samples(metrics)
    metrics.watch_agi(lambda: 3)
    assert samples(metrics)["hotline_agi_sessions"] == 3


def test_two_sets_of_metrics_do_not_meet() -> None:
    one, other = Metrics(), Metrics()
    one.calls.labels("talked").inc()
    assert samples(one)["hotline_calls_total{talked}"] == 1
    assert "hotline_calls_total{talked}" not in samples(other)


async def test_the_loops_lag_is_measured() -> None:
    metrics, clock = Metrics(), HandClock()
    watching = asyncio.create_task(watch_loop(metrics, clock, every_s=0.01))
    while samples(metrics)["hotline_loop_lag_seconds_count"] < 2:
        await asyncio.sleep(0)
        clock.advance(0.01)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
