"""What happens in a world by chance: the same dice, the same story."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.acd.world import Ending, World

Action = Callable[[World, random.Random], object]
WAITS = (0.25, 1.0, 5.0, 9.75, 20.0, 30.0, 61.5, 90.0)
ENDINGS: tuple[Ending, ...] = ("answered", "answered", "refused", "missed", "unreachable")


def _n(dice: random.Random) -> int:
    return dice.randrange(12)


ACTIONS: tuple[tuple[int, Action], ...] = (
    (6, lambda w, d: w.sign_on(_n(d), _n(d))),
    (14, lambda w, d: w.agent_does(_n(d), 0)),
    (8, lambda w, d: w.agent_does(_n(d), _n(d))),
    (16, lambda w, d: w.call_waits(_n(d), d.randint(-1, 11), d.choice(WAITS), _n(d))),
    (2, lambda w, d: w.call_waits_again(_n(d), _n(d))),
    (6, lambda w, d: w.call_gone(_n(d))),
    (1, lambda w, d: w.call_gone_early()),
    (2, lambda w, d: w.call_stops_waiting(_n(d))),
    (14, lambda w, d: w.open_offer_ends(_n(d), d.choice(ENDINGS))),
    (2, lambda w, d: w.any_offer_ends(_n(d), d.choice(ENDINGS))),
    (10, lambda w, d: w.talk_ended(_n(d))),
    (12, lambda w, d: w.pass_time(d.choice(WAITS))),
    (1, lambda w, d: w.oversleep(d.choice(WAITS))),
    (4, lambda w, d: w.task_waits(_n(d))),
    (8, lambda w, d: w.task_step(_n(d), _n(d))),
    (4, lambda w, d: w.engaged_agent_does(_n(d), d.choice((0, 1, 4, 5)))),
    (1, lambda w, d: w.use_rules(_n(d))),
    (3, lambda w, d: w.say_twice()),
    (1, lambda w, d: w.pbx_shows_talk(_n(d), _n(d), _n(d))),
)


def _restart(world: World, dice: random.Random) -> None:
    world.restart(ringing_survives=dice.random() < 0.5)


def act(world: World, dice: random.Random) -> None:
    """Let one thing happen, a restart of the controller now and then among them."""
    weights, actions = zip(*ACTIONS, (1, _restart), strict=True)
    dice.choices(actions, weights)[0](world, dice)


def a_day(seed: int, steps: int = 300) -> World:
    """A world after so many steps, without a restart in between; its log is whole."""
    dice, world = random.Random(seed), World()
    weights, actions = zip(*ACTIONS, strict=True)
    for _ in range(steps):
        dice.choices(actions, weights)[0](world, dice)
    return world
