"""``hotline deadline``: when a time limit ends."""

# Each command imports what it needs, so that each starts quickly.
# ruff: noqa: PLC0415

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hotline.command import DEFAULT, ConfigPath, fail, faults


def deadline(
    start: Annotated[str, typer.Option(help='The city\'s time, such as "2026-09-30 17:00".')],
    limit: Annotated[str, typer.Option(help="Such as 4工作时, 2紧急工作时, 5工作日 or 3自然日.")],
    calendar: Annotated[
        Path | None, typer.Option(help="The working calendar in JSON; without it the city's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    config: ConfigPath = DEFAULT,
) -> None:
    """When a time limit ends, and what each day adds to it."""
    import json

    from hotline.registry.clocks.asking import ask, for_people, given
    from hotline.registry.clocks.calendar import BadCalendar
    from hotline.registry.clocks.limits import BadLimit

    with faults(BadCalendar):
        known = given(config, calendar, named=config != DEFAULT)
    try:
        answer = ask(start, limit, known)
    except BadLimit as fault:
        raise fail(f"--limit: {fault}") from fault
    except ValueError as fault:
        raise fail(f"--start: {fault}") from fault
    if as_json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    for line in for_people(answer):
        print(line)
