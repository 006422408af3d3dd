"""``python -m tests.bench [NAME …]``: measure, and print one JSON object.

Each bench is a module beside this one with ``run() -> dict`` of JSON values; add it to
``BENCHES``. A bench compares within its own run, since figures of two machines say nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable

from hotline import log
from hotline.config import LogSection
from tests.bench import (
    acd,
    app_queue,
    clocks,
    counts,
    day,
    desks,
    digits,
    estimate,
    exchange,
    f5,
    fairness,
    ivr,
    kill,
    machine,
    places,
    pop,
    registry,
    reload,
    theory,
    trouble,
)

BENCHES: dict[str, Callable[[], dict[str, object]]] = {
    "acd": acd.run,
    "app_queue": app_queue.run,
    "clocks": clocks.run,
    "counts": counts.run,
    "day": day.run,
    "desks": desks.run,
    "estimate": estimate.run,
    "exchange": exchange.run,
    "f5": f5.run,
    "fairness": fairness.run,
    "registry": registry.run,
    "reload": reload.run,
    "digits": digits.run,
    "ivr": ivr.run,
    "kill": kill.run,
    "upgrade": kill.upgrade,
    "places": places.run,
    "pop": pop.run,
    "theory": theory.run,
    "trouble": trouble.run,
}


def main() -> int:
    """Run the benches that were named, all by default."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    names = parser.parse_args().names or list(BENCHES)
    if unknown := [name for name in names if name not in BENCHES]:
        parser.error(f"no bench is called {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    # The report alone goes to the standard output.
    log.set_up(LogSection(level="warning", format="console"))
    report: dict[str, object] = {"machine": machine.describe()}
    for name in names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        report[name] = BENCHES[name]()
    print(json.dumps(report, indent=2, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
