"""What everybody in the demo is doing now, and a table of it."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.table import Table

_ROWS = 18


@dataclass(slots=True)
class Actor:
    """One person of the demo. ``since`` is monotonic time in seconds."""

    who: str
    wants: str
    doing: str = ""
    since: float = field(default_factory=time.monotonic)
    gone: bool = False


class Scene:
    """All actors, oldest first. ``console`` None shows nothing."""

    def __init__(self, console: Console | None) -> None:
        self.tally: Counter[str] = Counter()
        self._actors: list[Actor] = []
        self._console = console
        self._live: Live | None = None

    def enter(self, who: str, wants: str) -> Actor:
        """Somebody comes."""
        actor = Actor(who, wants)
        self._actors.append(actor)
        return actor

    def note(self, actor: Actor, doing: str, *, leaves: bool = False) -> None:
        """Somebody does something else now, or ``leaves`` after it."""
        if doing == actor.doing:
            return
        actor.doing, actor.since, actor.gone = doing, time.monotonic(), leaves
        if leaves:
            self.tally[doing] += 1
        if self._live is None and self._console is not None:
            self._console.print(f"{actor.who}  {actor.wants}  {doing}")
        self.refresh()

    def refresh(self) -> None:
        """Bring the table's seconds up to date."""
        if self._live is not None:
            self._live.update(self.table(), refresh=True)

    def open(self) -> None:
        """Show the table when there is a terminal; without one, lines appear instead."""
        if self._console is not None and self._console.is_terminal:
            self._live = Live(
                self.table(), console=self._console, auto_refresh=False, transient=False
            )
            self._live.start()

    def close(self) -> None:
        """Leave the last table standing."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def table(self) -> Table:
        """Who does what, for how many seconds."""
        table = Table(caption="   ".join(f"{what}: {n}" for what, n in self.tally.items()))
        for column in ("来电 who", "意图 wants", "现在 now"):
            table.add_column(column, no_wrap=True)
        table.add_column("秒 s", justify="right")
        here = [actor for actor in self._actors if not actor.gone]
        left = [actor for actor in self._actors if actor.gone]
        for actor in [*left[-max(0, _ROWS - len(here)) :], *here][-_ROWS:]:
            seconds = f"{time.monotonic() - actor.since:.0f}"
            style = "dim" if actor.gone else None
            table.add_row(actor.who, actor.wants, actor.doing, seconds, style=style)
        return table
