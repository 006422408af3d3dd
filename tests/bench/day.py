"""A simulated day of a great city: 80,000 callers and 830 agents, in one process.

The callers come as a city's do (a morning's peak with one eighth of the day in its busiest hour);
the agents work in three shifts that overlap at the peak. The time is that of the whole of
:func:`hotline.simulation.run.run`: drawing, playing and measuring. The processor's time is what
one core needs; on a busy machine the wall shows the others' work too.
"""

from __future__ import annotations

from time import perf_counter, process_time

from hotline.acd.model import QueueRules
from hotline.simulation.durations import Exponential, Lognormal
from hotline.simulation.model import Calls, Rate, Rates, Scenario, Shift
from hotline.simulation.run import run as simulate

CALLS, AGENTS = 80_000, 830
HOUR = 3600.0
SHARES = (
    6,
    4,
    3,
    3,
    4,
    7,
    20,
    60,
    110,
    120,
    112,
    80,
    60,
    70,
    84,
    84,
    70,
    56,
    46,
    36,
    26,
    18,
    12,
    9,
)
"""How the day's callers spread over its hours."""
SHIFTS = (((6, 15), 380), ((8, 17), 300), ((14, 24), 120), ((0, 9), 30))
"""Hours of work, and how many agents work them; all 830 have one shift."""
LIMIT_S = 10.0


def scenario() -> Scenario:
    """The day."""
    whole = sum(SHARES)
    rates = tuple(
        Rate(hour * HOUR, (hour + 1) * HOUR, CALLS * share / whole)
        for hour, share in enumerate(SHARES)
    )
    calls = Calls(
        queue="hotline",
        arrivals=Rates(rates),
        talk=Lognormal(150, 100),
        wrap_up=Exponential(45),
        patience=Exponential(180),
    )
    return Scenario(
        queues={"hotline": QueueRules(wrap_up_s=120, overflow_s=600)},
        calls=(calls,),
        shifts=tuple(_shifts()),
        start_s=0,
        end_s=24 * HOUR,
    )


def run(seed: int = 12319) -> dict[str, object]:
    """Play the day once, and say how long it took and what callers met."""
    day = scenario()
    wall, cpu = perf_counter(), process_time()
    result = simulate(day, replications=1, seed=seed)
    wall, cpu = perf_counter() - wall, process_time() - cpu
    total = result.total
    return {
        "calls": round(total.offered.mean),
        "agents": len(result.agents),
        "wall_s": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "limit_s": LIMIT_S,
        "met": cpu < LIMIT_S,
        "cpu_us_a_call": round(cpu / total.offered.mean * 1e6, 1),
        "answered": round(total.answered.mean),
        "abandoned": round(total.abandoned.mean),
        "service_level": round(total.service_level.mean, 4) if total.service_level else None,
        "occupancy": round(total.occupancy.mean, 4) if total.occupancy else None,
    }


def _shifts() -> list[Shift]:
    shifts: list[Shift] = []
    for (begin, end), count in SHIFTS:
        span = ((begin * HOUR, end * HOUR),)
        first = len(shifts)
        shifts += [Shift(f"agent{first + n:03}", span, ("hotline",)) for n in range(count)]
    return shifts
