"""``hotline taxonomy``: the classes of the shipped standards, and of the city, at the terminal."""

# Each command imports what it needs, so that each starts quickly.
# ruff: noqa: PLC0415

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotline.command import DEFAULT, fail, faults, load_config

if TYPE_CHECKING:
    from hotline.registry.taxonomy import Category, Standard, Taxonomy
    from hotline.registry.taxonomy.convert import Candidate

app = typer.Typer(help="Classes of components and events (部件 and 事件).", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
StandardName = Annotated[
    str, typer.Option("--standard", help="A shipped standard; see hotline taxonomy standards.")
]
Kind = Annotated[str, typer.Option("--kind", help="component or event; both when left out.")]
City = Annotated[
    bool, typer.Option("--city", help="As the city has it: its own classes, none that it retired.")
]
ConfigFile = Annotated[
    Path, typer.Option("--config", help="The configuration, for --city and --all.", metavar="FILE")
]
_2013 = "gbt-30428.2-2013"


@app.callback()
def taxonomy() -> None:
    """Classes of components and events (部件 and 事件)."""


@app.command("standards")
def list_standards(as_json: AsJson = False) -> None:
    """The shipped standards: where they come from, and what their lists leave out."""
    from hotline.registry.taxonomy import standards

    described = [_described(standard) for standard in standards()]
    if as_json:
        _print_json(described)
        return
    for standard in described:
        print(f"{standard['standard']:<24} {standard['number']} {standard['title_zh']}")
        print(f"    {standard['state_en']} ({standard['source_en']})")
        for kind, gaps in standard["gaps"].items():
            missing = "unknown" if gaps["missing"] is None else gaps["missing"]
            print(f"    {kind}: {gaps['listed']} listed, {missing} missing", end="")
            codes = " ".join(gaps["missing_codes"])
            print(f"; by the numbering: {codes}" if codes else "")


@app.command("list")
def list_classes(
    *,
    standard: StandardName = _2013,
    kind: Kind = "",
    as_json: AsJson = False,
    city: City = False,
    everything: Annotated[
        bool, typer.Option("--all", help="As --city, with the retired classes.")
    ] = False,
    config: ConfigFile = DEFAULT,
) -> None:
    """The classes of a standard, in its order."""
    classes = _classes(standard, config if city or everything else None)
    _check_kind(kind)
    shown = classes if everything else (c for c in classes if c.retired_from is None)
    _print_classes([c for c in shown if kind in {"", c.branch}], as_json=as_json)


@app.command("search")
def search_classes(
    words: Annotated[list[str], typer.Argument(help="A name, 路灯 不亮, ludeng, ld or 0137.")],
    *,
    standard: StandardName = _2013,
    kind: Kind = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many at most.")] = 20,
    as_json: AsJson = False,
    city: City = False,
    config: ConfigFile = DEFAULT,
) -> None:
    """The classes that fit best. Exit code 1: none does."""
    classes = _classes(standard, config if city else None)
    _check_kind(kind)
    found = classes.hits(" ".join(words), limit=len(classes))
    wanted = [
        hit
        for hit in found
        if kind in {"", hit.category.branch} and hit.category.retired_from is None
    ][:limit]
    if as_json:
        _print_json([_shown(hit.category) | {"matched": hit.matched} for hit in wanted])
    else:
        for hit in wanted:
            same = hit.matched in {hit.category.name, hit.category.code}
            print(_line(hit.category) + ("" if same else f"  ({hit.matched})"))
    if not wanted:
        raise typer.Exit(1)


@app.command("show")
def show_class(
    key: Annotated[str, typer.Argument(help="Such as component/0137.")],
    *,
    standard: StandardName = _2013,
    as_json: AsJson = False,
    city: City = False,
    config: ConfigFile = DEFAULT,
) -> None:
    """One class: its words, one city's time limits, and what it is in the other standards."""
    from hotline.registry.taxonomy import standards
    from hotline.registry.taxonomy.convert import convert

    category = _class(_classes(standard, config if city else None), key)
    others = {
        other.id: convert(standard, key, other.id)
        for other in standards()
        if other.id != standard and category.origin == "standard"
    }
    shown = _shown(category)
    if as_json:
        _print_json(shown | {"conversions": {to: _became(them) for to, them in others.items()}})
        return
    for name, value in shown.items():
        if name == "example_limits":
            print(f"{name:<20} {'/'.join(one['limit'] for one in value)}")
        else:
            print(f"{name:<20} {' '.join(value) if isinstance(value, list) else value or ''}")
    for to, them in others.items():
        print(f"{to:<20} {'; '.join(map(_became_line, them))}")


@app.command("convert")
def convert_classes(
    standard: Annotated[str, typer.Option("--from", help="The standard to convert from.")],
    to: Annotated[str, typer.Option("--to", help="The standard to convert to.")],
    key: Annotated[str, typer.Argument(help="One class; all when left out.")] = "",
    kind: Kind = "",
    as_json: AsJson = False,
) -> None:
    """What the classes of one standard are in another: exact, renamed, merged, split or none."""
    from hotline.registry.taxonomy.convert import convert

    classes = _classes(standard, None)
    _classes(to, None)
    _check_kind(kind)
    wanted = [_class(classes, key)] if key else [c for c in classes if kind in {"", c.branch}]
    found = [(category, convert(standard, category.key, to)) for category in wanted]
    if as_json:
        _print_json(
            [
                {"key": c.key, "name": c.name, "from": standard, "to": to} | {"became": _became(b)}
                for c, b in found
            ]
        )
        return
    for category, became in found:
        print(f"{_line(category)}  →  {'; '.join(map(_became_line, became))}")


@app.command("check-component")
def check_component(
    code: Annotated[str, typer.Argument(help="A component's code (部件标识码).")],
    standard: StandardName = _2013,
    as_json: AsJson = False,
    city: City = False,
    config: ConfigFile = DEFAULT,
) -> None:
    """Take a component's code apart. Exit code 1: it cannot be one, and why."""
    from hotline.registry.taxonomy.codes import BadCode, read_component

    classes = _classes(standard, config if city else None)
    try:
        read = read_component(code, classes)
    except BadCode as bad:
        _refuse(bad.key, as_json=as_json)
        raise typer.Exit(1) from bad
    parts = {
        "district": read.district,
        "class_code": read.class_code,
        "class_name": read.name,
        "serial": read.serial,
    }
    if as_json:
        _print_json({"valid": True, "code": code, "standard": standard} | parts)
    else:
        print("  ".join(f"{name} {value or 'not listed'}" for name, value in parts.items()))


@app.command("check-grid")
def check_grid_id(
    grid: Annotated[str, typer.Argument(help="A unit grid's id (单元网格).")],
    as_json: AsJson = False,
) -> None:
    """Whether a unit grid's id can be one. Exit code 1: it cannot, and why."""
    from hotline.registry.taxonomy.codes import BadCode, check_grid

    try:
        check_grid(grid)
    except BadCode as bad:
        _refuse(bad.key, as_json=as_json)
        raise typer.Exit(1) from bad
    if as_json:
        _print_json({"valid": True, "grid": grid})
    else:
        print(f"district {grid[:6]}")


def _classes(standard: str, config: Path | None) -> Taxonomy:
    """The bare standard, or with a configuration the city's. An unknown one ends the command."""
    from hotline.registry.taxonomy import UnknownStandard, load
    from hotline.registry.taxonomy.asking import ask
    from hotline.storage.database import DatabaseUnavailable, MigrationError

    with faults(UnknownStandard, DatabaseUnavailable, MigrationError):
        if config is None:
            return load(standard)
        return ask(load_config(config), standard)


def _class(classes: Taxonomy, key: str) -> Category:
    category = classes.get(key)
    if category is None:
        raise fail(f"{classes.standard} lists no class {key!r}; keys are such as component/0101")
    return category


def _check_kind(kind: str) -> None:
    from hotline.registry.taxonomy.model import KINDS

    if kind not in {"", *KINDS}:
        raise fail(f"no kind {kind!r}; there are: {', '.join(KINDS)}")


def _refuse(key: str, *, as_json: bool) -> None:
    from hotline.registry.taxonomy.codes import in_english

    message = in_english(key)
    if as_json:
        _print_json({"valid": False, "error": key.partition(".")[2], "message": message})
    else:
        fail(message)


def _print_classes(classes: Iterable[Category], *, as_json: bool) -> None:
    if as_json:
        _print_json([_shown(category) for category in classes])
        return
    for category in classes:
        print(_line(category))


def _line(category: Category) -> str:
    retired = f"  (retired from {category.retired_from})" if category.retired_from else ""
    return f"{category.key:<16} {category.name}  [{category.major}]{retired}"


def _shown(category: Category) -> dict[str, Any]:
    from hotline.registry.taxonomy.limits import read_limits

    return {
        "key": category.key,
        "kind": category.branch,
        "code": category.code,
        "major_code": category.major_code,
        "major_name": category.major,
        "minor_code": category.minor_code,
        "minor_name": category.name,
        "standard": category.standard,
        "version": category.version,
        "origin": category.origin,
        "retired_from": category.retired_from.isoformat() if category.retired_from else None,
        "pinyin": category.pinyin,
        "initials": category.initials,
        "synonyms": list(category.synonyms),
        "example_time_limit": category.example_limit,
        "example_limits": [
            {
                "condition": one.condition,
                "amount": one.amount,
                "unit": one.unit,
                "limit": one.limit,
                "raw": one.raw,
                "note": one.note,
            }
            for one in read_limits(category.example_limit)
        ],
    }


def _described(standard: Standard) -> dict[str, Any]:
    from hotline.registry.taxonomy.gaps import all_gaps

    gaps: Mapping[str, Any] = {
        one.kind: {
            "listed": one.listed,
            "missing": one.missing,
            "missing_codes": list(one.codes),
            "likely_names": {code: name for code, name in one.codes.items() if name},
            "beyond_the_numbering": one.elsewhere,
        }
        for one in all_gaps(standard.id)
    }
    since = standard.in_force_since
    return {
        "standard": standard.id,
        "version": standard.version,
        "number": standard.number,
        "kind": standard.kind,
        "title_zh": standard.zh,
        "title_en": standard.en,
        "in_force_since": since.isoformat() if since else None,
        "in_force_by_one_source": standard.in_force_said,
        "replaced_by": standard.replaced_by or None,
        "code_digits": standard.digits,
        "component_code_digits": standard.component_code_digits,
        "source_zh": standard.source_zh,
        "source_en": standard.source_en,
        "state_zh": standard.state_zh,
        "state_en": standard.state_en,
        "gaps": gaps,
    }


def _became(candidates: Iterable[Candidate]) -> list[dict[str, Any]]:
    return [
        {
            "relation": one.relation,
            "key": one.category.key if one.category else None,
            "name": one.category.name if one.category else None,
            "likely_code": one.likely_code or None,
        }
        for one in candidates
    ]


def _became_line(candidate: Candidate) -> str:
    if candidate.category:
        return f"{candidate.relation} {candidate.category.key} {candidate.category.name}"
    likely = candidate.likely_code
    return f"none (not listed; by the numbering {likely})" if likely else "none"


def _print_json(shown: object) -> None:
    print(json.dumps(shown, ensure_ascii=False, indent=2))
