"""The numbers for Prometheus: a registry of our own, so that tests can have several.

Waiting calls and agents are read from the board when somebody asks, so they cannot drift from
what the screens show; while the PBX is unseen they are left out, since they are unknown.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from hotline.clock import Clock
from hotline.cti.views import Board

STATES = ("ready", "offered", "talking", "wrap_up", "paused", "offline")
_FAST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """What the parts count. Names begin with ``hotline_``; durations are seconds."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.calls = Counter(
            "hotline_calls",
            "Calls that ended, by how: talked, handed_over, abandoned, reported, other.",
            ["outcome"],
            registry=self.registry,
        )
        self.offer_to_pop = Histogram(
            "hotline_offer_to_pop_seconds",
            "From an offer's place in the journal to the pop on its way to the browser.",
            buckets=_FAST,
            registry=self.registry,
        )
        self.loop_lag = Histogram(
            "hotline_loop_lag_seconds",
            "How late the event loop runs what was due.",
            buckets=(0.001, *_FAST),
            registry=self.registry,
        )
        self.journal_write = Histogram(
            "hotline_journal_write_seconds",
            "One durable write to the journal.",
            buckets=_FAST,
            registry=self.registry,
        )
        self.agi_faults = Counter(
            "hotline_agi_faults",
            "FastAGI connections that were closed because of what they sent.",
            registry=self.registry,
        )
        self.audio_faults = Counter(
            "hotline_audio_faults",
            "AudioSocket connections that were closed because of what they sent.",
            registry=self.registry,
        )
        self.ami_up = Gauge(
            "hotline_ami_up",
            "Whether the PBX's manager interface is connected.",
            ["node"],
            registry=self.registry,
        )
        self.streams = Gauge(
            "hotline_event_streams", "Pages that listen for events.", registry=self.registry
        )

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)

    def watch_board(self, board: Callable[[], Board]) -> None:
        """Read waiting calls and agents from ``board`` at each scrape."""
        self.registry.register(_BoardCollector(board))

    def watch_agi(self, sessions: Callable[[], int]) -> None:
        """Read the number of FastAGI sessions at each scrape."""
        gauge = Gauge("hotline_agi_sessions", "FastAGI sessions now.", registry=self.registry)
        gauge.set_function(sessions)

    def watch_exchange(self, answers: Callable[[], Mapping[tuple[str, str], int]]) -> None:
        """Read how other systems answered, by peer and outcome, at each scrape."""
        self.registry.register(_ExchangeCollector(answers))

    def watch_disk(self, folders: dict[str, Path]) -> None:
        """Read the free disk below each named folder at each scrape."""
        self.registry.register(_DiskCollector(folders))


class _BoardCollector(Collector):
    def __init__(self, board: Callable[[], Board]) -> None:
        self._board = board

    def collect(self) -> Iterable[Metric]:
        board = self._board()
        waiting = GaugeMetricFamily("hotline_calls_waiting", "Callers in the queue now.")
        longest = GaugeMetricFamily(
            "hotline_longest_wait_seconds", "How long the first of them has waited."
        )
        agents = GaugeMetricFamily("hotline_agents", "Agents by state.", labels=["state"])
        journal = GaugeMetricFamily(
            "hotline_journal_up", "Whether the journal takes events.", int(board.journal_ok)
        )
        if board.pbx_up:
            waiting.add_metric([], len(board.waiting))
            oldest = min((call.since for call in board.waiting), default=board.at)
            longest.add_metric([], max(0.0, board.at - oldest))
            tally = Tally(agent.state for agent in board.agents)
            for state in STATES:
                agents.add_metric([state], tally[state])
        return waiting, longest, agents, journal


class _ExchangeCollector(Collector):
    def __init__(self, answers: Callable[[], Mapping[tuple[str, str], int]]) -> None:
        self._answers = answers

    def collect(self) -> Iterable[Metric]:
        counted = CounterMetricFamily(
            "hotline_exchange_messages",
            "Messages to other systems, by outcome: taken, refused, failed.",
            labels=["peer", "outcome"],
        )
        for (peer, outcome), count in sorted(self._answers().items()):
            counted.add_metric([peer, outcome], count)
        return (counted,)


class _DiskCollector(Collector):
    def __init__(self, folders: dict[str, Path]) -> None:
        self._folders = folders

    def collect(self) -> Iterable[Metric]:
        free = GaugeMetricFamily(
            "hotline_disk_free_bytes", "Free disk, by what is kept there.", labels=["folder"]
        )
        for name, folder in self._folders.items():
            if folder.exists():
                free.add_metric([name], shutil.disk_usage(folder).free)
        return (free,)


async def watch_loop(metrics: Metrics, clock: Clock, every_s: float = 0.5) -> None:
    """Measure the loop's lag until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + every_s
        await clock.sleep(every_s)
        metrics.loop_lag.observe(max(0.0, loop.time() - due))
