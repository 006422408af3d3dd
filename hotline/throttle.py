"""How fast passwords, and the digits that open a case's progress, may be guessed. Pure: the
time is passed in.

After some failures for one name or one address each further one doubles a wait, up to a
minute. Nobody is locked out for good, so a stranger cannot keep an agent from working; what
was counted is forgotten after a quarter of an hour, and by a restart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

FREE_FAILURES_OF_A_NAME = 5
# Whole offices come from one address.
FREE_FAILURES_OF_AN_ADDRESS = 20
LONGEST_WAIT_S = 60.0
FORGOTTEN_AFTER_S = 900.0
MOST_KEPT = 10_000


@dataclass(slots=True)
class _Failures:
    count: int
    last: float


@dataclass(slots=True)
class GuessThrottle:
    """Counts wrong guesses by what is guessed at (a user, a case) and by address."""

    _kept: dict[tuple[str, str], _Failures] = field(default_factory=dict)

    def wait(self, name: str, address: str, now: float) -> float:
        """Seconds until the next try may be made; 0 when it may be made now."""
        return max(self._wait(key, free, now) for key, free in _keys(name, address))

    def failed(self, name: str, address: str, now: float) -> None:
        """Count a wrong guess."""
        self._forget(now)
        for key, _ in _keys(name, address):
            seen = self._kept.pop(key, None)
            count = 1 if seen is None or self._old(seen, now) else seen.count + 1
            self._kept[key] = _Failures(count, now)

    def succeeded(self, name: str) -> None:
        """Forget a name's failures; its address keeps its own."""
        self._kept.pop(("name", name), None)

    def _wait(self, key: tuple[str, str], free: int, now: float) -> float:
        seen = self._kept.get(key)
        if seen is None or seen.count < free or self._old(seen, now):
            return 0.0
        pause = min(LONGEST_WAIT_S, 2.0 ** min(16, seen.count - free))
        return max(0.0, seen.last + pause - now)

    def _old(self, seen: _Failures, now: float) -> bool:
        return now - seen.last > FORGOTTEN_AFTER_S

    def _forget(self, now: float) -> None:
        # Kept in order of the last failure, so what is old stands first.
        while self._kept:
            key, oldest = next(iter(self._kept.items()))
            if len(self._kept) < MOST_KEPT and not self._old(oldest, now):
                return
            del self._kept[key]


def _keys(name: str, address: str) -> tuple[tuple[tuple[str, str], int], ...]:
    return (
        (("name", name), FREE_FAILURES_OF_A_NAME),
        (("address", address), FREE_FAILURES_OF_AN_ADDRESS),
    )


@dataclass(slots=True)
class Allowance:
    """Counts what is used by whom: ``most`` times within ``within_s`` seconds."""

    most: int
    within_s: float
    _used: dict[str, list[float]] = field(default_factory=dict)

    def wait(self, name: str, now: float) -> float:
        """Seconds until ``name`` may use it again; 0 when now."""
        used = [at for at in self._used.get(name, ()) if at > now - self.within_s]
        return 0.0 if len(used) < self.most else used[-self.most] + self.within_s - now

    def use(self, name: str, now: float) -> None:
        """Count one use."""
        self._forget(now)
        used = self._used.pop(name, [])
        self._used[name] = [at for at in used if at > now - self.within_s] + [now]

    def _forget(self, now: float) -> None:
        # Kept in order of the last use, so who is done stands first.
        while self._used:
            name, used = next(iter(self._used.items()))
            if len(self._used) < MOST_KEPT and used[-1] > now - self.within_s:
                return
            del self._used[name]
