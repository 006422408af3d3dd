"""``hotline calendar``: duty hours, asked at the terminal."""

# Each command imports what it needs, so that each starts quickly.
# ruff: noqa: PLC0415

from __future__ import annotations

from typing import Annotated

import typer

from hotline.command import DEFAULT, ConfigPath, fail, faults, load_config

app = typer.Typer(help="Duty hours, holidays and closures.", no_args_is_help=True)


@app.callback()
def calendar() -> None:
    """Duty hours, holidays and closures."""


@app.command("at")
def at_moment(
    when: Annotated[str, typer.Argument(help='The city\'s time, such as "2026-10-01 09:00".')],
    config: ConfigPath = DEFAULT,
) -> None:
    """What a caller meets then: the day, each queue, and what is said."""
    from hotline.calendar.asking import ask
    from hotline.calendar.service import read_moment
    from hotline.storage.database import DatabaseUnavailable, MigrationError

    loaded = load_config(config)
    try:
        at = read_moment(when, loaded.zone)
    except (ValueError, OverflowError) as error:
        raise fail(f"{when!r} is no date and time such as 2026-10-01 09:00") from error
    with faults(DatabaseUnavailable, MigrationError):
        for line in ask(loaded, at):
            print(line)
