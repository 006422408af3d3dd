"""``hotline life``: the life of a case, checked and drawn at the terminal."""

# Each command imports what it needs, so that each starts quickly.
# ruff: noqa: PLC0415

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hotline.command import fail

app = typer.Typer(help="The life of a case: its states and steps.", no_args_is_help=True)

File = Annotated[
    Path | None, typer.Argument(help="A city's description; without it the shipped one.")
]


class Format(StrEnum):
    """How the life is drawn."""

    MERMAID = "mermaid"
    SVG = "svg"
    TABLE = "table"


@app.callback()
def life() -> None:
    """The life of a case: its states and steps."""


@app.command()
def check(file: File = None) -> None:
    """Say everything that is wrong with a life; exit code 2 when something is."""
    from hotline.registry.life.check import checked
    from hotline.registry.life.machine import BadMachine

    try:
        machine = checked(file)
    except BadMachine as error:
        raise fail(error) from error
    except OSError as error:
        raise fail(f"{file}: cannot be read: {error.strerror}") from error
    print(f"good: {len(machine.states)} states, {len(machine.steps)} steps")


@app.command()
def draw(
    file: File = None,
    form: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.MERMAID,
) -> None:
    """Write the life as a Mermaid diagram, as an SVG, or as a table of every step."""
    from hotline.registry.life import drawing
    from hotline.registry.life.check import checked
    from hotline.registry.life.machine import BadMachine

    try:
        machine = checked(file)
    except BadMachine as error:
        raise fail(error) from error
    except OSError as error:
        raise fail(f"{file}: cannot be read: {error.strerror}") from error
    made = {Format.MERMAID: drawing.mermaid, Format.SVG: drawing.svg, Format.TABLE: drawing.table}
    print(made[form](machine))
