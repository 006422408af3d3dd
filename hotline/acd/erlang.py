"""The closed forms of a queue in balance: Erlang B and C (A is :mod:`hotline.acd.erlang_a`).

Callers come by a Poisson process, ``calls_per_hour`` on average; an agent is busy with each for
an exponential time, ``aht_s`` on average (talk and wrap-up). ``A = calls_per_hour * aht_s / 3600``
is the load in Erlang, ``n`` the agents (or lines).

Source: A. K. Erlang, "Solution of some problems in the theory of probabilities of significance
in automatic telephone exchanges" (1917).

Erlang B's recursion keeps all digits, and nothing overflows, with thousands of agents.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp, isfinite, log

MOST_ERLANG = 1_000_000.0
"""Loads beyond this are refused: no hotline has them, and the recursions would take minutes."""
LEAST_ERLANG = 1e-12
"""Loads below this, a second of talk in thirty thousand years, are refused: nothing is left of
their shares."""
MOST_AGENTS = 2_000_000
"""More agents or lines than this are refused, for the same reason."""


class BadLoad(ValueError):
    """The figures cannot describe a queue; ``figure`` names the one at fault."""

    def __init__(self, figure: str, why: str) -> None:
        super().__init__(f"{figure} {why}")
        self.figure = figure
        self.why = why


@dataclass(frozen=True, slots=True)
class ErlangC:
    """What callers who never give up meet. All but ``load`` is None when the load is unstable.

    ``service_level`` is the share that waits no longer than the limit. ``p90_wait_s`` is the
    wait that nine callers in ten do not exceed, those without a wait included.
    """

    load: float
    stable: bool
    occupancy: float | None = None
    p_wait: float | None = None
    service_level: float | None = None
    asa_s: float | None = None
    mean_wait_of_waiters_s: float | None = None
    mean_queue_len: float | None = None
    p_immediate: float | None = None
    p90_wait_s: float | None = None
    p95_wait_s: float | None = None


def offered_load(calls_per_hour: float, aht_s: float) -> float:
    """``A = calls_per_hour * aht_s / 3600``, in Erlang. Raises :class:`BadLoad`."""
    must_be_positive("calls_per_hour", calls_per_hour)
    must_be_positive("aht_s", aht_s)
    load = calls_per_hour * aht_s / 3600
    if load > MOST_ERLANG:
        raise BadLoad("calls_per_hour", f"makes a load of {load:g} Erlang, beyond {MOST_ERLANG:g}")
    if load < LEAST_ERLANG:
        raise BadLoad("calls_per_hour", f"makes a load of {load:g} Erlang, below {LEAST_ERLANG:g}")
    return load


def blocking(load: float, servers: int) -> float:
    """Erlang B: the share of callers who find all ``servers`` lines busy and are turned away.

    ``B(A, n) = (A^n / n!) / sum(A^k / k!, k = 0..n)``, by the recursion
    ``B(n) = A B(n-1) / (n + A B(n-1))``, ``B(0) = 1`` (Erlang 1917). Raises :class:`BadLoad`.
    """
    must_be_positive("load", load)
    if servers < 0:
        raise BadLoad("servers", "must not be negative")
    blocked = 1.0
    for line in range(1, servers + 1):
        blocked = load * blocked / (line + load * blocked)
    return blocked


def trunks_for(load: float, target: float) -> tuple[int, float]:
    """The fewest lines that turn away no more than ``target``, and what they turn away.

    The smallest ``n`` with ``B(A, n) <= target``. Raises :class:`BadLoad`.
    """
    must_be_positive("load", load)
    must_be_a_share("target", target)
    lines, blocked = 0, 1.0
    while blocked > target:
        lines += 1
        blocked = load * blocked / (lines + load * blocked)
    return lines, blocked


def erlang_c(calls_per_hour: float, aht_s: float, agents: int, within_s: float) -> ErlangC:
    """Erlang C: callers wait as long as it takes.

    ``P(wait) = n B / (n - A (1 - B))`` with Erlang B's ``B(A, n)``;
    ``service level(T) = 1 - P(wait) exp(-(n - A) T / AHT)``; ``ASA = P(wait) AHT / (n - A)``;
    ``occupancy = A / n`` (Erlang 1917). From ``A >= n`` on the queue grows without end: the
    result is then unstable and has no figures. Raises :class:`BadLoad`.
    """
    load = offered_load(calls_per_hour, aht_s)
    must_be_agents(agents)
    must_not_be_negative("within_s", within_s)
    if load >= agents:
        return ErlangC(load, stable=False)
    spare = agents - load
    p_wait = _waiting(load, agents, blocking(load, agents))
    asa = p_wait * aht_s / spare
    return ErlangC(
        load=load,
        stable=True,
        occupancy=load / agents,
        p_wait=p_wait,
        service_level=1 - p_wait * exp(-spare * within_s / aht_s),
        asa_s=asa,
        mean_wait_of_waiters_s=aht_s / spare,
        mean_queue_len=p_wait * load / spare,
        p_immediate=1 - p_wait,
        p90_wait_s=_wait_exceeded_by(0.10, p_wait, aht_s / spare),
        p95_wait_s=_wait_exceeded_by(0.05, p_wait, aht_s / spare),
    )


def agents_for(
    calls_per_hour: float,
    aht_s: float,
    within_s: float,
    target: float,
    most_occupied: float = 1.0,
) -> int:
    """The fewest agents of Erlang C whose service level is at least ``target``.

    The smallest ``n > A`` with ``service level(T) >= target`` and ``A / n <= most_occupied``;
    Erlang B's recursion is carried from one ``n`` to the next. Raises :class:`BadLoad`.
    """
    load = offered_load(calls_per_hour, aht_s)
    must_not_be_negative("within_s", within_s)
    must_be_a_share("target", target)
    must_be_an_occupancy(most_occupied)
    if load > most_occupied * MOST_AGENTS:
        raise BadLoad("most_occupied", f"is so low that it takes more than {MOST_AGENTS} agents")
    agents, blocked = 0, 1.0
    while True:
        agents += 1
        blocked = load * blocked / (agents + load * blocked)
        if agents <= load or load > most_occupied * agents:
            continue
        late = _waiting(load, agents, blocked) * exp(-(agents - load) * within_s / aht_s)
        if 1 - late >= target:
            return agents


def with_shrinkage(agents: int, shrinkage: float) -> int:
    """How many to roster so that ``agents`` are there: ``ceil(n / (1 - shrinkage))``.

    ``shrinkage`` is the share of paid time away from calls (breaks, training, illness). Raises
    :class:`BadLoad`.
    """
    if not 0 <= shrinkage < 1:
        raise BadLoad("shrinkage", "must be at least 0 and below 1")
    # A hair's rounding of n / (1 - s) must not hire one agent more.
    return ceil(agents / (1 - shrinkage) * (1 - 1e-12))


def _waiting(load: float, agents: int, blocked: float) -> float:
    return agents * blocked / (agents - load * (1 - blocked))


def _wait_exceeded_by(share: float, p_wait: float, of_waiters_s: float) -> float:
    return max(0.0, of_waiters_s * log(p_wait / share)) if p_wait > 0 else 0.0


def must_be_positive(figure: str, value: float) -> None:
    """Raise :class:`BadLoad` unless the figure is a number above 0."""
    if not (isfinite(value) and value > 0):
        raise BadLoad(figure, "must be a positive number")


def must_not_be_negative(figure: str, value: float) -> None:
    """Raise :class:`BadLoad` unless the figure is a number, 0 or more."""
    if not (isfinite(value) and value >= 0):
        raise BadLoad(figure, "must be 0 or more")


def must_be_a_share(figure: str, value: float) -> None:
    """Raise :class:`BadLoad` unless the figure is between 0 and 1."""
    if not 0 < value < 1:
        raise BadLoad(figure, "must be a share between 0 and 1, such as 0.95")


def must_be_an_occupancy(most_occupied: float) -> None:
    """Raise :class:`BadLoad` unless agents can be at most so busy."""
    if not 0 < most_occupied <= 1:
        raise BadLoad("most_occupied", "must be above 0 and at most 1")


def must_be_agents(agents: int) -> None:
    """Raise :class:`BadLoad` unless this many agents can be reckoned with."""
    if agents < 1:
        raise BadLoad("agents", "must be at least 1")
    if agents > MOST_AGENTS:
        raise BadLoad("agents", f"must be at most {MOST_AGENTS}")
