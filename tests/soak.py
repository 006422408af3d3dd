"""``python -m tests.soak``: the engine's promises over a million events and more.

The same world and onlooker as the property tests, driven by plain random numbers for as long as
asked. Prints the seed first: ``--seed`` repeats a run exactly. Ends with 1 and the last inputs
when a promise breaks.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable

from hotline.acd.model import BOTTOM_PRIORITY, TOP_PRIORITY
from tests.acd.chance import act
from tests.acd.plans import PLANS
from tests.acd.world import World

STEPS = TOP_PRIORITY - BOTTOM_PRIORITY


def run(events: int, seed: int, show: Callable[[int], None]) -> tuple[World, int]:
    """Let anything happen until the engine has had ``events`` inputs; returns the last world."""
    dice = random.Random(seed)
    world, done = World(), 0
    counts: Counter[str] = Counter()
    overtaken_s = 0.0
    while done + world.inputs < events and not world.oracle.broken:
        act(world, dice)
        if world.inputs >= 2_000:
            # A new world now and then keeps the onlooker's everyone-with-everyone quick.
            done += world.inputs
            counts += world.oracle.counts
            overtaken_s = max(overtaken_s, world.oracle.overtaken_s)
            world = World()
            show(done)
    world.oracle.counts += counts
    world.oracle.overtaken_s = max(overtaken_s, world.oracle.overtaken_s)
    return world, done + world.inputs


def main() -> int:
    """Parse the command line, run, print the result as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="how many inputs")
    parser.add_argument("--seed", type=int, default=None, help="repeat the run of this seed")
    options = parser.parse_args()
    seed = secrets.randbits(32) if options.seed is None else options.seed
    print(f"seed {seed}", file=sys.stderr, flush=True)
    began = time.perf_counter()
    world, events = run(options.events, seed, _progress(options.events))
    report = {
        "seed": seed,
        "events": events,
        "seconds": round(time.perf_counter() - began, 1),
        "python": platform.python_version(),
        "commands": dict(sorted(world.oracle.counts.items())),
        "longest_overtaking_s": world.oracle.overtaken_s,
        "bound_s": STEPS * max(rules.aging_s for plan in PLANS for rules in plan.values()),
        "broken": dict(world.oracle.broken),
    }
    print(json.dumps(report, indent=2))
    if world.oracle.broken:
        for at, inputs, commands in world.log[-40:]:
            print(at, *inputs, *(f"\n    {command}" for command in commands), file=sys.stderr)
    return 1 if world.oracle.broken else 0


def _progress(events: int) -> Callable[[int], None]:
    def show(done: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done:,} of {events:,} events", end="", file=sys.stderr, flush=True)

    return show


if __name__ == "__main__":
    sys.exit(main())
