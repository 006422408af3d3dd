"""The closed form of a queue whose waiting callers give up: Erlang A (M/M/n+M).

As in :mod:`hotline.acd.erlang`, with ``lambda`` the rate of callers, ``mu = 1 / aht_s`` the rate
at which one of ``n`` agents finishes, and ``theta = 1 / patience_s`` the rate at which a waiting
caller gives up.

Sources: C. Palm, "Research on telephone traffic carried by full availability groups" (1957);
S. Zeltyn and A. Mandelbaum, "Call centers with impatient customers: many-server asymptotics of
the M/M/n+G queue" (2005).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, fsum, inf, log, log1p
from typing import Any

import numpy as np

from hotline.acd.erlang import (
    BadLoad,
    agents_for,
    must_be_agents,
    must_be_positive,
    must_not_be_negative,
    offered_load,
)

RARE = 1e-40
"""States with a smaller share of the time than this, beside those that count, are left out: the
digits of the reference values end there."""
NEVER = 1e250
"""The reciprocal of a share that a number can just hold."""
MOST_WAITING = 5_000_000.0
"""The most callers who could wait at once, ``lambda * patience``, for the sums of Erlang A."""
NEGLIGIBLE = 60.0
"""An integrand ``exp(-60)`` below its peak adds nothing that a number can hold."""
PIECES, NODES = 64, 20


@dataclass(frozen=True, slots=True)
class ErlangA:
    """What callers with exponential patience meet; such a queue is stable under any load.

    The three service levels have the numerator "answered within the limit" and differ in what
    they divide it by: the callers offered, those less the ones who gave up within the limit, or
    the ones answered. ``mean_wait_all_s`` counts the waits of who gave up, ``asa_served_s`` not.
    """

    load: float
    p_wait: float
    p_abandon: float
    mean_wait_all_s: float
    asa_served_s: float
    occupancy: float
    mean_queue_len: float
    sl_answered_in_t_over_offered: float
    p_abandon_within_t: float
    sl_excl_short_abandons: float
    sl_answered_in_t_over_answered: float


def erlang_a(
    calls_per_hour: float, aht_s: float, patience_s: float, agents: int, within_s: float
) -> ErlangA:
    """Erlang A (M/M/n+M): a waiting caller gives up after an exponential time.

    From the balance of births and deaths, ``p(k) d(k) = lambda p(k-1)`` with
    ``d(k) = min(k, n) mu + max(0, k - n) theta`` (Palm 1957):
    ``P(wait) = sum(p(k), k >= n)``, ``E[Q] = sum((k - n) p(k))``,
    ``P(abandon) = theta E[Q] / lambda``, mean wait ``E[Q] / lambda``.

    A caller who finds ``i`` waiting is served with ``s(i) = n mu / (n mu + (i+1) theta)``, after
    ``sum(1 / (n mu + (j+1) theta), j = 0..i)`` on average whichever way they leave, which gives
    the wait of those served. Within ``T``: the offered wait of Zeltyn and Mandelbaum has the
    density ``v(x) = lambda p(n-1) exp((lambda/theta) (1 - exp(-theta x)) - n mu x)``; of those
    who wait, ``integral(exp(-theta x) v(x), 0..T)`` are answered in time.
    Raises :class:`BadLoad`.
    """
    load = offered_load(calls_per_hour, aht_s)
    must_be_positive("patience_s", patience_s)
    must_be_agents(agents)
    must_not_be_negative("within_s", within_s)
    if calls_per_hour / 3600 * patience_s > MOST_WAITING:
        raise BadLoad("patience_s", "is so long that nobody gives up; Erlang C describes this")
    queue = _Impatient(calls_per_hour / 3600, 1 / aht_s, 1 / patience_s, agents)
    below = fsum(queue.below)
    below = below if below > RARE else 0.0
    p_wait = min(1.0, fsum(queue.waiting))
    length = fsum(index * share for index, share in enumerate(queue.waiting))
    served = min(1.0, below + queue.served)
    in_t = min(served, below + queue.answered_in(within_s))
    late = exp(-within_s / patience_s) * queue.longer_than(within_s)
    gone_in_t = max(0.0, p_wait - late - (in_t - below))
    return ErlangA(
        load=load,
        p_wait=p_wait,
        p_abandon=length / patience_s / queue.arriving,
        mean_wait_all_s=length / queue.arriving,
        asa_served_s=queue.waited_by_served / served,
        occupancy=min(1.0, load * served / agents),
        mean_queue_len=length,
        sl_answered_in_t_over_offered=in_t,
        p_abandon_within_t=gone_in_t,
        sl_excl_short_abandons=min(1.0, in_t / (1 - gone_in_t)),
        sl_answered_in_t_over_answered=in_t / served,
    )


def impatient_agents_for(
    calls_per_hour: float,
    aht_s: float,
    patience_s: float,
    within_s: float,
    target: float,
    *,
    most_occupied: float = 1.0,
) -> int:
    """The fewest agents of Erlang A with at least ``target`` answered within ``within_s``.

    Over the callers offered, and with an occupancy of at most ``most_occupied``; by halving,
    for more agents never answer fewer and are never busier. Raises :class:`BadLoad`.
    """

    def enough(agents: int) -> bool:
        tried = erlang_a(calls_per_hour, aht_s, patience_s, agents, within_s)
        answers = tried.sl_answered_in_t_over_offered >= target
        return answers and tried.occupancy <= most_occupied

    # Callers who give up only help, so that Erlang C's answer is enough.
    many = agents_for(calls_per_hour, aht_s, within_s, target, most_occupied)
    while not enough(many):
        many += 1
    few = 0
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if enough(middle) else (middle, many)
    return many


class _Impatient:
    """The balance of a queue with impatient callers, rates in 1/s.

    ``below`` has the shares of time with 0 … n-1 callers, ``waiting`` those with n, n+1, …:
    callers meet what time averages say, for they come at random.
    """

    def __init__(self, arriving: float, finishing: float, leaving: float, agents: int) -> None:
        self.arriving = arriving
        self._leaving = leaving
        self._clearing = agents * finishing
        shares = self._shares(finishing, agents)
        self.below, self.waiting = shares[:agents], shares[agents:] or [0.0]
        self.served, self.waited_by_served = self._served()

    def _shares(self, finishing: float, agents: int) -> list[float]:
        """The share of each state, up to where states are too rare to count.

        ``Z(k) = sum(p(0..k)) / p(k) = 1 + Z(k-1) d(k) / lambda`` is positive throughout, so
        that it keeps its digits; from the last state the shares follow backwards.
        """
        ratios: list[float] = []
        total, enough = 1.0, NEVER
        while total < enough or (ratios and ratios[-1] < 1):
            state = len(ratios) + 1
            leaving = max(0, state - agents) * self._leaving
            ratios.append((min(state, agents) * finishing + leaving) / self.arriving)
            total = 1 + total * ratios[-1]
            if state == agents:
                enough = min(NEVER, total / RARE)
        shares = [1 / total]
        for ratio in reversed(ratios):
            shares.append(shares[-1] * ratio)
        # Shares underflow to 0 in a storm, where the logarithm of the last free state counts.
        beyond = ratios[agents - 1 :]
        self._log_free = fsum(map(log, beyond)) - log(total) if beyond else -inf
        shares.reverse()
        return shares + [0.0] * (agents - len(shares))

    def answered_in(self, within_s: float) -> float:
        """The share of callers who wait, and are answered within ``within_s``."""
        return self._integral(0.0, within_s, self._clearing + self._leaving)

    def longer_than(self, within_s: float) -> float:
        """The share for whom no agent is free within ``within_s``, would they but wait."""
        return self._integral(within_s, inf, self._clearing)

    def _served(self) -> tuple[float, float]:
        served, waited, steps = 0.0, 0.0, 0.0
        for ahead, share in enumerate(self.waiting):
            rate = self._clearing + (ahead + 1) * self._leaving
            steps += 1 / rate
            lucky = share * self._clearing / rate
            served += lucky
            waited += lucky * steps
        return served, waited

    def _integral(self, begin: float, end: float, fall: float) -> float:
        """``v`` with ``exp(-fall x)`` in the place of ``exp(-n mu x)``, from begin to end.

        The logarithm of the integrand is concave: Gauss's formula on each of many pieces around
        its peak keeps all digits, however high or low it lies.
        """
        rise = self.arriving / self._leaving

        def height(x: Any) -> Any:
            return -rise * np.expm1(-self._leaving * x) - fall * x

        peak = log(self.arriving / fall) / self._leaving if self.arriving > fall else 0.0
        peak = min(max(peak, begin), end)
        if end == inf:
            end = peak + 1 / fall
            while height(end) > height(peak) - NEGLIGIBLE:
                end += end - peak
        low, high = _edge(height, peak, begin), _edge(height, peak, end)
        # When patience has run out: what follows falls at a rate of its own, slower by far for
        # callers with little of it.
        settled = (NEGLIGIBLE + log1p(rise)) / self._leaving
        edges = _pieces(low, high, settled)
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        half = (edges[1:] - edges[:-1])[:, None] / 2
        x = (edges[1:] + edges[:-1])[:, None] / 2 + half * nodes
        area = float(np.sum(half * weights * np.exp(height(x) - height(peak))))
        return exp(log(self.arriving) + self._log_free + float(height(peak))) * area


def _pieces(low: float, high: float, between: float) -> Any:
    """The ends of the pieces from ``low`` to ``high``, as many on both sides of ``between``."""
    if not low < between < high:
        return np.linspace(low, high, PIECES + 1)
    early, late = np.linspace(low, between, PIECES + 1), np.linspace(between, high, PIECES + 1)
    return np.append(early, late[1:])


def _edge(height: Callable[[float], float], peak: float, limit: float) -> float:
    """Where, between the peak and the limit, the integrand has become negligible."""
    low = height(peak) - NEGLIGIBLE
    if height(limit) >= low:
        return limit
    inside, outside = peak, limit
    for _ in range(40):
        middle = (inside + outside) / 2
        if height(middle) >= low:
            inside = middle
        else:
            outside = middle
    return outside
