"""``hotline judge``: rates and counts at the terminal."""

# Each command imports what it needs, so that each starts quickly.
# ruff: noqa: PLC0415

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.command import DEFAULT, ConfigPath, fail, faults, load_config

if TYPE_CHECKING:
    from hotline.registry.judging.model import Line, Rate

app = typer.Typer(help="Judging: rates by their definitions.", no_args_is_help=True)

CountsPath = Annotated[
    Path, typer.Option("--counts", metavar="FILE", help='Counts as JSON, such as {"filed": 110}.')
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.callback()
def judge() -> None:
    """Judging: rates by their definitions."""


@app.command("rates")
def rates(counts: CountsPath, as_json: AsJson = False) -> None:
    """The rates that counts give, each with its numerator and denominator."""
    from hotline.registry.judging import definitions
    from hotline.registry.judging.rates import rates_of, read_counts

    try:
        given = read_counts(json.loads(counts.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise fail(f"{counts}: {error}") from error
    found = rates_of(definitions.load(), given)
    if as_json:
        print(json.dumps(_document(found), ensure_ascii=False, indent=2))
        return
    for line in _lines(found):
        print(line)


@app.command("period")
def period(
    first: Annotated[str, typer.Option("--from", help="The first day, such as 2026-11-01.")],
    last: Annotated[str, typer.Option("--to", help="The last day, such as 2026-11-30.")],
    by: Annotated[
        str, typer.Option(help="total, unit, street, district, class or source.")
    ] = "total",
    as_json: AsJson = False,
    config: ConfigPath = DEFAULT,
) -> None:
    """The counts and rates of a period, from the database."""
    from hotline.registry.judging.asking import lines_of, read_period
    from hotline.registry.judging.counting import DIMENSIONS, TOTAL
    from hotline.storage.database import DatabaseUnavailable, MigrationError

    if by not in (TOTAL, *DIMENSIONS):
        raise fail(f"{by!r} is none of {', '.join((TOTAL, *DIMENSIONS))}")
    loaded = load_config(config)
    try:
        wanted = read_period(first, last, loaded.zone)
    except (ValueError, OverflowError) as error:
        raise fail(error) from error
    with faults(DatabaseUnavailable, MigrationError):
        lines = lines_of(loaded, wanted, by)
    if as_json:
        print(json.dumps([_line(line) for line in lines], ensure_ascii=False, indent=2))
        return
    for line in lines:
        print(f"{line.name or line.key or by}:")
        for text in _lines(_rates(line)):
            print(f"  {text}")


def _rates(line: Line) -> tuple[Rate, ...]:
    from hotline.registry.judging import definitions
    from hotline.registry.judging.rates import rates_of

    return rates_of(definitions.load(), line.counts)


def _line(line: Line) -> dict[str, object]:
    return {
        "key": line.key,
        "name": line.name,
        "counts": dict(line.counts),
        "mean_seconds": {name: time.mean for name, time in line.times.items()},
        **_document(_rates(line)),
    }


def _document(found: Iterable[Rate]) -> dict[str, object]:
    from hotline.registry.judging.rates import told

    rates = tuple(found)
    names = {
        name: None if rate.value is None else float(rate.value)
        for rate in rates
        for name in (rate.definition.zh, *rate.definition.also)
    }
    return {"rates": [told(rate) for rate in rates], "by_name": names}


def _lines(found: Iterable[Rate]) -> Iterable[str]:
    from hotline.registry.judging.rates import UNKNOWN, percent

    for rate in found:
        counts = " / ".join(
            UNKNOWN if count is None else str(count) for count in (rate.numerator, rate.denominator)
        )
        doubt = "  (more than all: these counts do not belong together)" if rate.doubtful else ""
        yield f"{rate.definition.zh}\t{percent(rate.value)}\t{counts}{doubt}"
