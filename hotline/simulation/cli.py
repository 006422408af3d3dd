"""``hotline staffing`` and ``hotline simulate``: how many agents, and what would happen."""

# Each command imports what it needs, so that each starts quickly.
# ruff: noqa: PLC0415

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from hotline.command import DEFAULT, ConfigPath, fail, faults, load_config


def staffing(
    *,
    model: Annotated[
        Literal["erlang-b", "erlang-c", "erlang-a"],
        typer.Option(help="Blocked callers go (b), wait (c), or wait until they give up (a)."),
    ],
    calls_per_hour: Annotated[float, typer.Option(help="Callers an hour.")],
    aht: Annotated[float, typer.Option(help="Mean seconds of talk and wrap-up.")],
    agents: Annotated[int | None, typer.Option(help="Agents (lines for b).")] = None,
    target: Annotated[
        float | None,
        typer.Option(help="Without --agents: the service level wanted (blocking for b)."),
    ] = None,
    within: Annotated[float, typer.Option(help="Answered within so many seconds.")] = 15.0,
    patience: Annotated[
        float | None, typer.Option(help="Mean seconds until a waiting caller gives up (a).")
    ] = None,
    max_occupancy: Annotated[float, typer.Option(help="How busy agents may be.")] = 1.0,
    shrinkage: Annotated[float, typer.Option(help="Share of paid time away from calls.")] = 0.30,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Agents (or lines) and what callers meet, by the closed forms of Erlang B, C and A."""
    from hotline.simulation.staffing import BadQuestion, Question, answer
    from hotline.simulation.staffing_words import lines

    question = Question(
        model=model,
        calls_per_hour=calls_per_hour,
        aht_s=aht,
        agents=agents,
        target=target,
        within_s=within,
        patience_s=patience,
        most_occupied=max_occupancy,
        shrinkage=shrinkage,
    )
    try:
        answered = answer(question)
    except BadQuestion as error:
        raise fail(error) from error
    if as_json:
        print(json.dumps(answered, ensure_ascii=False, indent=2))
        return
    for line in lines(answered):
        print(line)


def simulate(
    file: Annotated[
        Path | None, typer.Argument(help="The scenario, in YAML (docs/simulation.md).")
    ] = None,
    *,
    replications: Annotated[int | None, typer.Option(help="Instead of the file's.", min=1)] = None,
    seed: Annotated[int | None, typer.Option(help="Instead of the file's.", min=0)] = None,
    svg: Annotated[
        Path | None, typer.Option(help="Draw waits and staffing into this file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    example: Annotated[bool, typer.Option("--example", help="Print a scenario to begin with.")] = (
        False
    ),
    schema: Annotated[bool, typer.Option("--schema", help="Print the files' JSON Schema.")] = False,
    config: ConfigPath = DEFAULT,
) -> None:
    """Play a day through the production engine, many times, and tell what callers met."""
    from hotline.simulation import file as files
    from hotline.simulation.acting import played, scenario_of
    from hotline.simulation.model import ScenarioFault
    from hotline.simulation.picture import draw
    from hotline.simulation.reading import read as read_file
    from hotline.simulation.telling import as_json as told
    from hotline.simulation.telling import lines
    from hotline.storage.database import DatabaseUnavailable, MigrationError

    if example or schema:
        print(files.example() if example else files.schema_text(), end="")
        return
    if file is None:
        raise fail("a scenario's file is missing; hotline simulate --example prints one")
    with faults(ScenarioFault, DatabaseUnavailable, MigrationError):
        read = read_file(file)
        scenario = scenario_of(read, lambda: load_config(config))
    times, dice = replications or read.replications, read.seed if seed is None else seed
    result = played(scenario, times, dice)
    if svg:
        try:
            svg.write_text(draw(read.name, scenario, result), encoding="utf-8")
        except OSError as error:
            raise fail(f"--svg {svg} cannot be written: {error}") from error
    if as_json:
        print(json.dumps(told(read.name, scenario, result), ensure_ascii=False, indent=2))
        return
    for line in lines(read.name, scenario, result):
        print(line)
