"""``python -m tests.ivr.soak``: random flows and random callers, a hundred thousand and more.

Half of the flows pass the check, half are as dice made them: the walk keeps its promise in both.
Prints the seed first: ``--seed`` repeats a run exactly. Ends with 1 and the last inputs when a
caller was trapped.
"""

from __future__ import annotations

import argparse
import json
import platform
import secrets
import sys
import time
from collections import Counter
from random import Random

from tests.ivr.random_flows import random_flows, wild_flows
from tests.ivr.wandering import Trapped, wander

CALLERS_A_FLOW = 50


def run(walks: int, seed: int) -> tuple[Counter[str], int]:
    """How many callers came first to what, and how many flows there were. Raises Trapped."""
    dice = Random(seed)
    first: Counter[str] = Counter()
    flows = 0
    while first.total() < walks:
        flows += 1
        made = random_flows(dice) if flows % 2 else wild_flows(dice)
        for _ in range(min(CALLERS_A_FLOW, walks - first.total())):
            walked = wander(made, "entry", dice)
            first[walked.reached[0] if walked.reached else walked.ended] += 1
    return first, flows


def main() -> int:
    """Parse the command line, run, print the result as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.ivr.soak", description=__doc__)
    parser.add_argument("--walks", type=int, default=120_000, help="how many callers")
    parser.add_argument("--seed", type=int, default=None, help="repeat the run of this seed")
    options = parser.parse_args()
    seed = secrets.randbits(32) if options.seed is None else options.seed
    print(f"seed {seed}", file=sys.stderr, flush=True)
    began = time.perf_counter()
    try:
        first, flows = run(options.walks, seed)
    except Trapped as error:
        print(error, file=sys.stderr)
        return 1
    report = {
        "seed": seed,
        "walks": first.total(),
        "flows": flows,
        "seconds": round(time.perf_counter() - began, 1),
        "python": platform.python_version(),
        "came_first_to": dict(sorted(first.items())),
        "trapped": 0,
    }
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
