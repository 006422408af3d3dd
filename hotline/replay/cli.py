"""``hotline replay``: deciding a past period again."""

# The command imports what it needs, so that each starts quickly.
# ruff: noqa: PLC0415

from __future__ import annotations

import asyncio
import time
from typing import Annotated

import typer

from hotline.command import DEFAULT, ConfigPath, fail, faults, load_config


def replay(
    since: Annotated[
        str, typer.Option("--from", help='The city\'s time, such as "2026-10-01 09:00".')
    ] = "",
    until: Annotated[str, typer.Option("--until", help="Empty: now.")] = "",
    call: Annotated[str, typer.Option(help="Tell only why this call went as it did.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    config: ConfigPath = DEFAULT,
) -> None:
    """Run a past period (today, when --from is empty) through the routing engine again, and
    compare every decision with the journal. Exit code 1: they are not the same."""
    from hotline.calendar.service import read_moment
    from hotline.clock import local
    from hotline.replay import telling
    from hotline.storage.database import DatabaseUnavailable, MigrationError, never_made

    loaded = load_config(config)
    if never_made(loaded.database_url):
        # Asking must not leave an empty database behind.
        raise fail("the hotline was never started with this configuration: there is no journal")
    now = time.time()
    midnight = local(now, loaded.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        begin = read_moment(since, loaded.zone) if since else midnight.timestamp()
        end = read_moment(until, loaded.zone) if until else now
    except (ValueError, OverflowError) as error:
        raise fail("give dates and times such as 2026-10-01 09:00") from error
    if begin >= end:
        raise fail("--from must be before --until")
    with faults(DatabaseUnavailable, MigrationError):
        if call:
            lines, good = asyncio.run(telling.why(loaded, call)), True
        else:
            lines, good = asyncio.run(telling.period(loaded, begin, end, as_json=as_json))
    if call and not lines:
        raise fail(f"the journal has no call {call!r}")
    for line in lines:
        print(line)
    raise typer.Exit(0 if good else 1)
