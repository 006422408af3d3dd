"""``hotline exchange``: tickets from files, at the terminal."""

# Each command imports what it needs, so that each starts quickly.
# ruff: noqa: PLC0415

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotline import log
from hotline.command import DEFAULT, ConfigPath, fail, faults, load_config
from hotline.config import Config, LogSection

if TYPE_CHECKING:
    from hotline.registry.exchange.importing import Importer, Progress, Verdict
    from hotline.registry.exchange.mapping import FieldMapping
    from hotline.registry.exchange.model import Peer
    from hotline.registry.exchange.sheet import BadSheet

app = typer.Typer(help="Cases exchanged with other systems.", no_args_is_help=True)


@app.callback()
def exchange() -> None:
    """Cases exchanged with other systems."""


@app.command("import")
def import_tickets(
    file: Annotated[Path, typer.Argument(help="An .xlsx or .csv file.", exists=True)],
    *,
    peer: Annotated[str, typer.Option(help="Whose tickets: the id of a system on /exchange.")],
    mapping: Annotated[
        Path | None, typer.Option(help="A mapping (YAML); the peer's own by default.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    config: ConfigPath = DEFAULT,
) -> None:
    """Take a file of tickets in, whole or not at all. Exit code 1: it has faults, told by row."""
    from hotline.registry.exchange.mapping import BadMapping
    from hotline.registry.exchange.model import NoSuchPeer
    from hotline.registry.exchange.peers import read_for
    from hotline.storage.database import DatabaseUnavailable, MigrationError

    # The report alone goes to the standard output.
    log.set_up(LogSection(level="warning", format="console"))
    loaded = load_config(config)
    with faults(DatabaseUnavailable, MigrationError, BadMapping, OSError):
        wanted = read_for("sheet", mapping.read_text(encoding="utf-8")) if mapping else None
        try:
            report = asyncio.run(_run(loaded, file, peer, wanted, dry_run=dry_run))
        except NoSuchPeer as error:
            raise fail(f"no system is called {peer!r}; add it on the page /exchange") from error
    if as_json:
        print(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        _tell(report, loaded.hotline.language)
    if report["faults"] or report["unreadable"]:
        raise typer.Exit(1)


async def _run(
    config: Config, file: Path, peer_id: str, wanted: FieldMapping | None, *, dry_run: bool
) -> dict[str, Any]:
    from hotline.callback.model import CallbackRules
    from hotline.callback.planning import CallbackPlanner
    from hotline.clock import LoopClock
    from hotline.registry.room import CaseRoom
    from hotline.storage.database import Database, migrate
    from hotline.storage.journal import Journal

    await migrate(config.database_url)
    clock = LoopClock(asyncio.get_running_loop())
    database = Database(config.database_url)
    try:
        journal = Journal(database, clock)
        await journal.open()
        room = CaseRoom.of(
            config, database, journal, clock, CallbackPlanner(CallbackRules.of(config))
        )
        await room.open()
        peer = room.exchange.peers.get(peer_id)
        try:
            return await _take(room.exchange.importer, peer, file, wanted, dry_run=dry_run)
        finally:
            await room.exchange.sender.close()
    finally:
        await database.close()


async def _take(
    importer: Importer, peer: Peer, file: Path, wanted: FieldMapping | None, *, dry_run: bool
) -> dict[str, Any]:
    from hotline.registry.exchange.sheet import BadSheet

    try:
        data = await asyncio.to_thread(file.read_bytes)
        verdict = await importer.check(peer, file.name, data, wanted)
    except BadSheet as bad:
        return _report(None, None, bad)
    if verdict.faults or dry_run:
        return _report(verdict, None)
    number = await importer.begin(peer, file.name, verdict, "system")
    return _report(verdict, await importer.finish(number))


def _report(
    verdict: Verdict | None, done: Progress | None, bad: BadSheet | None = None
) -> dict[str, Any]:
    found = verdict.faults if verdict else ()
    return {
        "rows": verdict.rows if verdict else 0,
        "bad_rows": verdict.bad_rows if verdict else 0,
        "new": len(verdict.tickets) if verdict else 0,
        "known": verdict.known if verdict else 0,
        "opened": done.opened if done else 0,
        "state": done.state if done else "checked",
        "unreadable": bad.key if bad else "",
        "why": bad.values if bad else {},
        "faults": [
            {
                "row": fault.row,
                "column": fault.column,
                "header": fault.header,
                "value": fault.value,
                "fault": fault.key,
            }
            for fault in found
        ],
    }


def _tell(report: dict[str, Any], language: str) -> None:
    """The report for people, in the language of the screens."""
    from hotline.web.catalogue import load_catalogue

    catalogue = load_catalogue()

    def say(key: str, **values: object) -> str:
        return catalogue.text(language, key, **values)

    if report["unreadable"]:
        bounds = {"most": "", "header": "", "line": ""} | report["why"]
        told = say(f"exchange.sheet.{report['unreadable']}", **bounds)
        print(f"hotline: {told}", file=sys.stderr)
        return
    for fault in report["faults"]:
        where = f"{say('exchange.column_row')} {fault['row']} {fault['column']} {fault['header']}"
        key = fault["fault"]
        told = f"{say(f'error.field.{key}')} · {say(f'exchange.mend.{key}')}"
        print(f"{where} {fault['value']!r}: {told}")
    if report["faults"]:
        print(say("exchange.bad_rows", bad=report["bad_rows"], rows=report["rows"]))
        return
    counts = {"rows": report["rows"], "fresh": report["new"], "known": report["known"]}
    print(say("exchange.all_good", **counts))
    if report["state"] != "checked":
        print(f"{say('exchange.opened')} {report['opened']} ({report['state']})")
