"""What may watch a simulated period: benches of estimates, replays, tests."""

from __future__ import annotations

from collections.abc import Sequence

from hotline.acd.engine import Engine
from hotline.acd.model import Command, Input
from hotline.simulation.sample import Outcome


class Observer:
    """Sees what happens in each replication, in order; every method may be overridden.

    An observer must not put anything into the engine. ``waiting()`` and ``agents()`` of the
    engine are sorted copies: cheap to ask now and then, not at every decision.
    """

    def begins(self, replication: int, engine: Engine) -> None:
        """A replication begins; nobody has signed on or rung yet."""

    def entered(self, call_id: str, queue: str, at: float) -> None:
        """A caller has come and the engine has decided; they may have an agent already."""

    def left(self, call_id: str, at: float, outcome: Outcome) -> None:
        """A caller waits no longer: answered, hung up, or overflowed for good."""

    def decided(self, inputs: Sequence[Input], at: float, commands: Sequence[Command]) -> None:
        """The engine was given ``inputs`` and said ``commands``."""

    def ends(self, at: float) -> None:
        """The replication is over."""
