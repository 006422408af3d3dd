"""What ``hotline simulate`` does around the pure parts: the database, and the progress bar."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from sqlalchemy.engine import make_url

from hotline.config import Config
from hotline.simulation.building import build
from hotline.simulation.file import PeriodPart, ScenarioFile
from hotline.simulation.model import Scenario, ScenarioFault
from hotline.simulation.recorded import Recorded, read_period
from hotline.simulation.result import Result
from hotline.simulation.run import run
from hotline.storage.database import Database, migrate


def scenario_of(file: ScenarioFile, config: Callable[[], Config]) -> Scenario:
    """The file's scenario; the configuration is read only when the file names the journal.

    Raises :class:`~hotline.simulation.model.ScenarioFault`,
    :class:`~hotline.storage.database.DatabaseUnavailable` and
    :class:`~hotline.storage.database.MigrationError`.
    """

    def journal(period: PeriodPart, queue: str) -> Recorded:
        loaded = config()

        async def read() -> Recorded:
            _must_exist(loaded.database_url)
            await migrate(loaded.database_url)
            database = Database(loaded.database_url)
            try:
                return await read_period(database, period, queue, loaded.zone)
            finally:
                await database.close()

        return asyncio.run(read())

    return build(file, journal)


def played(scenario: Scenario, replications: int, seed: int) -> Result:
    """The result; a bar on standard error shows how far it is, when that is a terminal."""
    columns = ("replications", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("", total=replications)
        return run(scenario, replications, seed, lambda done: bar.update(task, completed=done))


def _must_exist(url: str) -> None:
    # Asking must not leave an empty database behind.
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists():
        raise ScenarioFault(
            f"there is no database at {parsed.database} yet; give per_hour or by_interval in the "
            "place of journal, or --config the hotline whose calls are meant"
        )
