"""The pages, and whether all that a call needs is well."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack

from hotline.app.house import House
from hotline.storage.database import Database, DatabaseUnavailable
from hotline.web.app import create_app
from hotline.web.ports import Component
from hotline.web.server import WebServer
from hotline.web.web import WebParts


async def start_web(house: House, stack: AsyncExitStack) -> None:
    """Serve the pages until ``stack`` is left."""
    _watch(house)
    stack.push_async_callback(house.routing.gate.stop)
    config = house.ground.config
    web = WebServer(create_app(_parts(house)), config.web.host, config.web.port)
    await web.start()
    stack.push_async_callback(web.stop)


def _watch(house: House) -> None:
    config, metrics = house.ground.config, house.ground.metrics
    metrics.watch_board(house.people.desk.board)
    metrics.watch_agi(lambda: house.ivr.agi.sessions)
    metrics.watch_disk({"data": config.hotline.data_dir, "recordings": config.recording.dir})


def _parts(house: House) -> WebParts:
    ground, registry, placing, people = house.ground, house.registry, house.placing, house.people
    return WebParts(
        config=ground.config,
        clock=ground.clock,
        database=ground.database,
        journal=ground.journal,
        calls=people.desk,
        users=people.users,
        accounts=people.users,
        room=registry.cases,
        knowledge=registry.knowledge,
        callbacks=registry.callbacks,
        callers=registry.callers,
        dialler=placing.dialler,
        prompts=placing.prompts,
        studio=placing.studio,
        flows=house.ivr.ivr.library,
        plans=house.routing.plans,
        gate=house.routing.gate,
        passages=registry.passages,
        phone_password=house.telephony.phone_password,
        phone_in_use=house.telephony.phone_logins.in_use,
        phone_cut=house.telephony.phone_logins.cut,
        health=lambda: health(house),
        metrics=ground.metrics,
        calendar=ground.calendar,
        storm=registry.storm,
        pause_reasons=people.pause_reasons,
        floor=placing.floor,
        hears=house.ivr.ivr.hears,
    )


async def health(house: House) -> Sequence[Component]:
    """Each component that a call needs."""
    link = house.telephony.link
    return [
        await _database_health(house.ground.database),
        Component("pbx", "up" if link.up else "down", link.trouble),
        Component("agi", "up" if house.ivr.answers.is_set() else "down"),
        Component("journal", "up" if house.calls.calls.journal_ok else "down"),
    ]


async def _database_health(database: Database) -> Component:
    try:
        await database.ping()
    except DatabaseUnavailable as error:
        return Component("database", "down", error.why)
    return Component("database", "up")
