"""``hotline replay`` in lines for a terminal, or as JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from twisted.internet.task import Clock as StillClock

from hotline.clock import ReactorClock
from hotline.config import Config
from hotline.replay.rerun import Decision
from hotline.replay.service import Replay, replay
from hotline.storage.database import Database, migrate
from hotline.storage.journal import Journal
from hotline.web.catalogue import load_catalogue
from hotline.web.formats import moment_to_the_second
from hotline.web.names import names_of
from hotline.web.timeline import tell

Words = Callable[..., str]
# More than a call can have.
_RECORDS = 10_000


async def period(
    config: Config, since: float, until: float, *, as_json: bool
) -> tuple[list[str], bool]:
    """How the replay of a period went, and whether it was identical.

    Raises :class:`hotline.storage.database.DatabaseUnavailable` and
    :class:`hotline.storage.database.MigrationError`.
    """
    await migrate(config.database_url)
    database = Database(config.database_url)
    try:
        done = await replay(database, since, until)
    finally:
        await database.close()
    if as_json:
        return [json.dumps(as_data(done), ensure_ascii=False)], done.identical
    t = partial(load_catalogue().text, config.hotline.language)
    return told(done, t, lambda at: moment_to_the_second(at, config.zone)), done.identical


async def why(config: Config, call_id: str) -> list[str]:
    """A call's story with the reasons of each offer; empty when there is no such call.

    Raises as :func:`period`.
    """
    await migrate(config.database_url)
    database = Database(config.database_url)
    try:
        journal = Journal(database, ReactorClock(StillClock(), time.time))
        records = await journal.read(call_id=call_id, limit=_RECORDS)
        names = await names_of(database)
    finally:
        await database.close()
    t = partial(load_catalogue().text, config.hotline.language)
    return [
        f"{moment_to_the_second(line.at, config.zone)}  {line.text}"
        + (f": {line.quote}" if line.quote else "")
        for line in tell(records, None, names, t)
    ]


def as_data(done: Replay) -> dict[str, Any]:
    """A replay as JSON values; instants are Unix seconds."""
    parts = done.difference
    return {
        "since": done.since,
        "until": done.until,
        "begins": done.begins,
        "identical": done.identical,
        "decisions": done.decisions,
        "offers": done.offers,
        "inputs": done.inputs,
        "starts": done.starts,
        "other_engines": [
            {"at": start.at, "version": start.version, "engine": start.engine}
            for start in done.other_engines
        ],
        "unreadable": done.unreadable,
        "difference": parts and {"journal": _data(parts.journal), "replay": _data(parts.replay)},
    }


def told(done: Replay, t: Words, moment: Callable[[float], str]) -> list[str]:
    """A replay in lines."""
    span = {"since": moment(done.since), "until": moment(done.until)}
    if done.begins is None:
        return [t("replay.nothing", **span)]
    counts = {
        "decisions": done.decisions,
        "offers": done.offers,
        "inputs": done.inputs,
        "starts": done.starts,
    }
    if done.unreadable:
        lines = [t("replay.unreadable", **span, why=done.unreadable)]
    else:
        how = "identical" if done.identical else "different"
        lines = [t(f"replay.{how}", **span, **counts)]
    if done.begins > done.since:
        lines.append(t("replay.begins", at=moment(done.begins)))
    for start in done.other_engines:
        lines.append(t("replay.other", at=moment(start.at), version=start.version))
    if parts := done.difference:
        lines.append(t("replay.journal", what=_told(parts.journal, t, moment)))
        lines.append(t("replay.replay", what=_told(parts.replay, t, moment)))
    return lines


def _told(decision: Decision | None, t: Words, moment: Callable[[float], str]) -> str:
    if decision is None:
        return t("replay.none")
    return t(
        f"replay.{decision.kind}",
        at=f"{moment(decision.at)} ({decision.at!r})",
        call=decision.call_id,
        agent=decision.agent_id,
        what=", ".join(str(part) for part in decision.what if part not in ("", None)),
    )


def _data(decision: Decision | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    return {
        "kind": decision.kind,
        "at": decision.at,
        "call_id": decision.call_id,
        "agent_id": decision.agent_id,
        "what": list(decision.what),
    }
