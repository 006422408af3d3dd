"""What every command of the command line shares."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from hotline.config import Config, ConfigError, load

ConfigPath = Annotated[Path, typer.Option("--config", help="The configuration.", metavar="FILE")]
DEFAULT = Path("hotline.toml")


def fail(message: object) -> typer.Exit:
    """Tell what is wrong in plain lines; raise the result to end with exit code 2."""
    for line in str(message).splitlines():
        print(f"hotline: {line}", file=sys.stderr)
    return typer.Exit(2)


@contextmanager
def faults(*kinds: type[Exception]) -> Iterator[None]:
    """Faults of these kinds, and of the configuration, end the command in plain lines."""
    expected: tuple[type[Exception], ...] = (ConfigError, *kinds)
    try:
        yield
    except expected as error:
        raise fail(error) from error


def load_config(path: Path) -> Config:
    """The configuration; a fault in it ends the command."""
    with faults():
        return load(path)
