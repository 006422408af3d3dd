"""``hotline staffing`` and ``hotline simulate``: how many agents, and what would happen."""

# Each command imports what it needs, so that each starts quickly.
# ruff: noqa: PLC0415

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from hotline.command import fail


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
