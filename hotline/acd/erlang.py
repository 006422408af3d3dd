"""The closed forms of a queue in balance: Erlang B, Erlang C and Erlang A.

Callers come by a Poisson process, ``calls_per_hour`` on average; an agent is busy with each for
an exponential time, ``aht_s`` on average (talk and wrap-up). ``A = calls_per_hour * aht_s / 3600``
is the load in Erlang; below, ``lambda`` is the rate of callers, ``mu = 1 / aht_s`` the rate at
which one agent finishes, ``theta = 1 / patience`` the rate at which a waiting caller gives up.

Sources: A. K. Erlang, "Solution of some problems in the theory of probabilities of significance
in automatic telephone exchanges" (1917), for B and C; C. Palm, "Research on telephone traffic
carried by full availability groups" (1957), and S. Zeltyn and A. Mandelbaum, "Call centers with
impatient customers: many-server asymptotics of the M/M/n+G queue" (2005), for A.

Every sum runs over positive terms by a recursion of ratios, so that nothing overflows and no
digits cancel with thousands of agents.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp, isfinite, log

from scipy.special import gammainc, gammaincc, gammaln

MOST_ERLANG = 1_000_000.0
"""Loads beyond this are refused: no hotline has them, and the recursions would take minutes."""


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


def offered_load(calls_per_hour: float, aht_s: float) -> float:
    """``A = calls_per_hour * aht_s / 3600``, in Erlang. Raises :class:`BadLoad`."""
    _positive("calls_per_hour", calls_per_hour)
    _positive("aht_s", aht_s)
    load = calls_per_hour * aht_s / 3600
    if load > MOST_ERLANG:
        raise BadLoad("calls_per_hour", f"makes a load of {load:g} Erlang, beyond {MOST_ERLANG:g}")
    return load


def blocking(load: float, servers: int) -> float:
    """Erlang B: the share of callers who find all ``servers`` lines busy and are turned away.

    ``B(A, n) = (A^n / n!) / sum(A^k / k!, k = 0..n)``, by the recursion
    ``B(n) = A B(n-1) / (n + A B(n-1))``, ``B(0) = 1`` (Erlang 1917). Raises :class:`BadLoad`.
    """
    _positive("load", load)
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
    _positive("load", load)
    _share("target", target)
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
    _agents(agents)
    _not_negative("within_s", within_s)
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
    _not_negative("within_s", within_s)
    _share("target", target)
    if not 0 < most_occupied <= 1:
        raise BadLoad("most_occupied", "must be above 0 and at most 1")
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
    density ``v(x) = lambda p(n-1) exp((lambda/theta) (1 - exp(-theta x)) - n mu x)``; with
    ``z = (lambda/theta) exp(-theta x)`` its integrals are incomplete gamma functions.
    Raises :class:`BadLoad`.
    """
    load = offered_load(calls_per_hour, aht_s)
    _positive("patience_s", patience_s)
    _agents(agents)
    _not_negative("within_s", within_s)
    queue = _Impatient(calls_per_hour / 3600, 1 / aht_s, 1 / patience_s, agents)
    below = sum(queue.below)
    p_wait = sum(queue.waiting)
    length = sum(index * share for index, share in enumerate(queue.waiting))
    served = below + queue.served
    in_t = below + queue.answered_in(within_s)
    gone_in_t = (
        p_wait - exp(-within_s / patience_s) * queue.longer_than(within_s) - (in_t - below)
    )
    return ErlangA(
        load=load,
        p_wait=p_wait,
        p_abandon=length / patience_s / queue.arriving,
        mean_wait_all_s=length / queue.arriving,
        asa_served_s=queue.waited_by_served / served,
        occupancy=load * served / agents,
        mean_queue_len=length,
        sl_answered_in_t_over_offered=in_t,
        p_abandon_within_t=max(0.0, gone_in_t),
        sl_excl_short_abandons=in_t / (1 - gone_in_t),
        sl_answered_in_t_over_answered=in_t / served,
    )


def impatient_agents_for(
    calls_per_hour: float, aht_s: float, patience_s: float, within_s: float, target: float
) -> int:
    """The fewest agents of Erlang A with at least ``target`` answered within ``within_s``.

    Over the callers offered, by halving: more agents never answer fewer. Raises
    :class:`BadLoad`.
    """
    _share("target", target)
    enough = agents_for(calls_per_hour, aht_s, within_s, target)
    few = 0
    while enough - few > 1:
        middle = (few + enough) // 2
        tried = erlang_a(calls_per_hour, aht_s, patience_s, middle, within_s)
        if tried.sl_answered_in_t_over_offered >= target:
            enough = middle
        else:
            few = middle
    return enough


class _Impatient:
    """The balance of a queue with impatient callers, rates in 1/s.

    ``below`` has the shares of time with 0 … n-1 callers, ``waiting`` those with n, n+1, …:
    callers meet what time averages say, for they come at random.
    """

    def __init__(self, arriving: float, finishing: float, leaving: float, agents: int) -> None:
        self.arriving = arriving
        self._leaving = leaving
        self._clearing = agents * finishing
        outflow = [min(k, agents) * finishing + max(0, k - agents) * leaving for k in range(agents)]
        # Z(k) = sum(p(0..k)) / p(k) = 1 + Z(k-1) d(k) / lambda: positive, and never overflows
        # before the states beyond it are too rare to count.
        total, rate = 1.0, 0.0
        for rate in outflow[1:]:
            total = 1 + total * rate / arriving
        while total < 1e40 or rate < arriving:
            rate = self._clearing + (len(outflow) - agents) * leaving
            outflow.append(rate)
            total = 1 + total * rate / arriving
        shares = [1 / total]
        for rate in reversed(outflow[1:]):
            shares.append(shares[-1] * rate / arriving)
        shares.reverse()
        self.below, self.waiting = shares[:agents], shares[agents:]
        self.served, self.waited_by_served = self._served()

    def answered_in(self, within_s: float) -> float:
        """The share of callers who wait, and are answered within ``within_s``."""
        return self._integral(1, within_s)

    def longer_than(self, within_s: float) -> float:
        """The share for whom no agent is free within ``within_s``, would they but wait."""
        power = self._clearing / self._leaving
        return exp(self._scale(power)) * float(gammainc(power, self._reach(within_s)))

    def _served(self) -> tuple[float, float]:
        served, waited, steps = 0.0, 0.0, 0.0
        for ahead, share in enumerate(self.waiting):
            rate = self._clearing + (ahead + 1) * self._leaving
            steps += 1 / rate
            lucky = share * self._clearing / rate
            served += lucky
            waited += lucky * steps
        return served, waited

    def _integral(self, patient: int, within_s: float) -> float:
        power = self._clearing / self._leaving + patient
        low, high = self._reach(within_s), self._reach(0.0)
        # Of the two ways to write a difference, the one whose terms are small keeps the digits.
        if gammainc(power, high) < 0.5:
            part = gammainc(power, high) - gammainc(power, low)
        else:
            part = gammaincc(power, low) - gammaincc(power, high)
        shrunk = patient * log(self._reach(0.0))
        return exp(self._scale(power) - shrunk) * float(part) if part > 0 else 0.0

    def _reach(self, within_s: float) -> float:
        return self.arriving / self._leaving * exp(-self._leaving * within_s)

    def _scale(self, power: float) -> float:
        """The logarithm of what an integral of ``v`` has before the gamma function."""
        reach = self._reach(0.0)
        base = self._clearing / self._leaving
        free = self.below[-1]
        if free == 0:
            return -float("inf")
        return log(reach * free) + reach - base * log(reach) + float(gammaln(power))


def _waiting(load: float, agents: int, blocked: float) -> float:
    return agents * blocked / (agents - load * (1 - blocked))


def _wait_exceeded_by(share: float, p_wait: float, of_waiters_s: float) -> float:
    return max(0.0, of_waiters_s * log(p_wait / share)) if p_wait > 0 else 0.0


def _positive(figure: str, value: float) -> None:
    if not (isfinite(value) and value > 0):
        raise BadLoad(figure, "must be a positive number")


def _not_negative(figure: str, value: float) -> None:
    if not (isfinite(value) and value >= 0):
        raise BadLoad(figure, "must be 0 or more")


def _share(figure: str, value: float) -> None:
    if not 0 < value < 1:
        raise BadLoad(figure, "must be a share between 0 and 1, such as 0.95")


def _agents(agents: int) -> None:
    if agents < 1:
        raise BadLoad("agents", "must be at least 1")
    if agents > 2 * MOST_ERLANG:
        raise BadLoad("agents", f"must be at most {2 * MOST_ERLANG:.0f}")
