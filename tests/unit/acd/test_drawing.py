"""The drawing of an agent's states in docs/acd.md is what the engine does."""

from __future__ import annotations

import re
from pathlib import Path

from hotline.acd.model import AgentBecame, Command, Input, RestoreTalk
from tests.acd.chance import a_day

DRAWING = Path(__file__).parents[3] / "docs" / "acd.md"


def drawn() -> set[tuple[str, str]]:
    """The arrows between states, those from and to nowhere left out."""
    arrows = re.findall(r"^    (\w+) --> (\w+):", DRAWING.read_text(encoding="utf-8"), re.M)
    return set(arrows)


def taken(log: list[tuple[float, tuple[Input, ...], tuple[Command, ...]]]) -> set[tuple[str, str]]:
    """The changes of state that happened, healing left out."""
    now: dict[str, AgentBecame] = {}
    steps: set[tuple[str, str]] = set()
    for _, events, commands in log:
        for became in (command for command in commands if isinstance(command, AgentBecame)):
            was = now.get(became.agent_id)
            healing = any(isinstance(event, RestoreTalk) for event in events)
            same = was and (was.state, was.since) == (became.state, became.since)
            if was and was.state != "offline" and not (same or healing):
                steps.add((was.state, became.state))
            now[became.agent_id] = became
    return steps


def test_the_drawing_shows_every_change_of_state_and_no_other() -> None:
    logs = (a_day(seed, steps=2_000).log for seed in range(10))
    assert set().union(*map(taken, logs)) == drawn()
