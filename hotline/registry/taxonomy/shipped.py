"""The standards that are shipped: their manifest, their lists, their everyday words."""

from __future__ import annotations

import csv
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from hotline.registry.taxonomy.model import (
    COMPONENT,
    EVENT,
    KINDS,
    Category,
    Extent,
    Standard,
    UnknownStandard,
)
from hotline.registry.taxonomy.pinyin import syllables
from hotline.registry.taxonomy.tree import Taxonomy

STANDARD = "gbt-30428.2-2013"
"""The standard of a city that names none."""

MIRROR = "异常"
_FILES = {COMPONENT: "components", EVENT: "events"}


@cache
def standards() -> tuple[Standard, ...]:
    """Every shipped standard, oldest first, the examples of extensions last."""
    manifest = tomllib.loads(_text("standards.toml"))
    return tuple(_standard(entry) for entry in manifest["standard"])


def standard_of(standard: str) -> Standard:
    """What is known of a standard. Raises :class:`UnknownStandard`."""
    for known in standards():
        if known.id == standard:
            return known
    raise UnknownStandard(standard, tuple(known.id for known in standards()))


@cache
def load(standard: str = STANDARD) -> Taxonomy:
    """The standard's categories from the package's data. Raises :class:`UnknownStandard`."""
    about = standard_of(standard)
    words = _synonyms()
    return Taxonomy(standard, [c for branch in KINDS for c in _read(about, branch, words)])


def made(
    about: Standard,
    branch: str,
    code: str,
    major: str,
    name: str,
    *,
    synonyms: Sequence[str] = (),
    example_limit: str = "",
    origin: str = "standard",
    retired_from: date | None = None,
) -> Category:
    """A class with everything that follows from its code and name."""
    read = syllables(name)
    return Category(
        key=f"{branch}/{code}",
        branch=branch,
        code=code,
        major=major,
        name=name,
        pinyin="".join(read),
        initials="".join(syllable[0] for syllable in read),
        major_code=code[:2],
        minor_code=code[2:],
        standard=about.id,
        version=about.version,
        synonyms=tuple(synonyms),
        example_limit=example_limit,
        origin=origin,
        retired_from=retired_from,
    )


def component_of(event_name: str) -> str:
    """The component that an event of the 2026 list mirrors, by its name; empty for none."""
    return event_name.replace(MIRROR, "", 1) if MIRROR in event_name else ""


def _standard(entry: Mapping[str, Any]) -> Standard:
    since = entry["in_force_since"]
    rest = {k: v for k, v in entry.items() if k not in {*KINDS, "in_force_since"}}
    return Standard(
        **rest,
        in_force_since=date.fromisoformat(since) if since else None,
        extents={
            kind: Extent(listed=int(entry[kind]["listed"]), missing=_known(entry[kind]["missing"]))
            for kind in KINDS
        },
    )


def _known(count: int) -> int | None:
    return None if count < 0 else count


def _read(
    about: Standard, branch: str, words: Mapping[tuple[str, str], Sequence[str]]
) -> Iterator[Category]:
    for row in table(f"{about.id}.{_FILES[branch]}.tsv"):
        name = row["minor_name"]
        mirrored = words.get((COMPONENT, component_of(name)), ()) if branch == EVENT else ()
        yield made(
            about,
            branch,
            row["code"],
            row["major_name"],
            name,
            synonyms=tuple(dict.fromkeys((*words.get((branch, name), ()), *mirrored))),
            example_limit=row["example_time_limit"],
        )


def _synonyms() -> Mapping[tuple[str, str], Sequence[str]]:
    """Everyday words by (kind, name of a class)."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for row in table("synonyms.tsv"):
        for name in row["names"].split("|"):
            found[row["kind"], name] += row["words"].split()
    return found


def table(name: str) -> list[dict[str, str]]:
    """The rows of one of the shipped tables, by the words of its first line."""
    return list(csv.DictReader(_text(name).splitlines(), delimiter="\t"))


def _text(name: str) -> str:
    return (files("hotline.registry.taxonomy") / "data" / name).read_text(encoding="utf-8")
