"""The definitions as the package ships them."""

from __future__ import annotations

import tomllib
from importlib.resources import files

from hotline.registry.judging.model import (
    CountDefinition,
    Definitions,
    RateDefinition,
    TimeDefinition,
)


def load() -> Definitions:
    """Read ``definitions.toml``.

    Raises :class:`ValueError` when a rate is made of a count that is not defined.
    """
    text = (files("hotline.registry.judging") / "definitions.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    found = Definitions(
        counts=tuple(CountDefinition(**entry) for entry in data["count"]),
        rates=tuple(
            RateDefinition(**{**entry, "also": tuple(entry.get("also", ()))})
            for entry in data["rate"]
        ),
        times=tuple(TimeDefinition(**entry) for entry in data["time"]),
        repeat_metres=data["repeat"]["metres"],
        repeat_days=data["repeat"]["days"],
        public_sources=frozenset(data["public"]["sources"]),
    )
    _check(found)
    return found


def _check(found: Definitions) -> None:
    known = {count.id for count in found.counts}
    for rate in found.rates:
        if not {rate.numerator, rate.denominator} <= known:
            raise ValueError(f"the rate {rate.id} is made of a count that is not defined")
