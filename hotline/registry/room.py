"""The registry's parts, built and run together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from hotline.clock import Clock, local
from hotline.config import Config
from hotline.registry.attachments.service import AttachmentDesk
from hotline.registry.clocks.model import STAGES
from hotline.registry.clocks.service import CaseClocks
from hotline.registry.companions import Companion
from hotline.registry.desks.exports import CaseExports
from hotline.registry.desks.picture import Picture
from hotline.registry.desks.saved import SavedFilters
from hotline.registry.dispatching.memory import DispatchMemory
from hotline.registry.dispatching.service import DispatchDesk
from hotline.registry.dispatching.work import UnitWork
from hotline.registry.exchange.room import ExchangeBase, ExchangeRoom
from hotline.registry.intake import CaseIntake
from hotline.registry.judging.service import JudgingDesk
from hotline.registry.life.check import checked
from hotline.registry.life.machine import Machine
from hotline.registry.life.resuming import Resumer
from hotline.registry.model import Aftercare
from hotline.registry.places.keeper import PlaceKeeper
from hotline.registry.places.service import PlaceDesk
from hotline.registry.places.units import UnitBook
from hotline.registry.privacy.retention import Retention
from hotline.registry.privacy.service import PrivacyDesk
from hotline.registry.progress import ProgressDesk
from hotline.registry.searching.everything import Searching
from hotline.registry.searching.service import Backfill, SearchKeeper
from hotline.registry.service import CaseRegistry
from hotline.registry.similar.linking import MatterKeeper
from hotline.registry.similar.model import Rules
from hotline.registry.similar.service import MatterDesk
from hotline.registry.taxonomy.service import TaxonomyLibrary
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.lookups import Lookups


@dataclass(frozen=True, slots=True)
class _Base:
    """The registry, and what goes along with each of its changes."""

    classes: TaxonomyLibrary
    units: UnitBook
    places: PlaceDesk
    clocks: CaseClocks
    exchange: ExchangeBase
    rules: Rules
    registry: CaseRegistry

    @classmethod
    def of(cls, config: Config, journal: Journal, clock: Clock, aftercare: Aftercare) -> _Base:
        classes = TaxonomyLibrary(journal, clock, config.zone, config.registry.standard)
        units = UnitBook(journal)
        sample = config.hotline.demo and config.registry.sample_city
        places = PlaceDesk(journal, clock, units, sample=sample)
        machine = checked(config.registry.life_file)
        clocks = CaseClocks.of(config, journal, clock, lambda: classes.current, _runs(machine))
        exchange = ExchangeBase.of(config, journal, clock, lambda state: machine.states[state].zh)
        rules = _similar(config)
        # Whoever derives columns comes before those who read them.
        companions: tuple[Companion, ...] = (
            PlaceKeeper(places),
            MatterKeeper(aftercare, rules),
            clocks.keeper,
            SearchKeeper(),
            DispatchMemory(),
            exchange.outbox,
        )
        registry = CaseRegistry(
            journal,
            config.zone,
            classes,
            aftercare,
            companions,
            machine=machine,
            units=units,
            conditions=clocks.limits,
        )
        return cls(classes, units, places, clocks, exchange, rules, registry)


def _runs(machine: Machine) -> Callable[[str], frozenset[str]]:
    """Which clocks run in a state."""
    return lambda state: frozenset(machine.states[state].clocks) | STAGES.get(state, frozenset())


def _similar(config: Config) -> Rules:
    wanted = config.registry
    return Rules(wanted.similar_metres, wanted.similar_hours * 3600, wanted.matter_reports)


@dataclass(frozen=True, slots=True)
class CaseRoom:
    """Everything that works on cases."""

    taxonomy: TaxonomyLibrary
    registry: CaseRegistry
    clocks: CaseClocks
    progress: ProgressDesk
    intake: CaseIntake
    resumer: Resumer
    backfill: Backfill
    searching: Searching
    picture: Picture
    saved_filters: SavedFilters
    exports: CaseExports
    units: UnitBook
    places: PlaceDesk
    matters: MatterDesk
    attachments: AttachmentDesk
    judging: JudgingDesk
    dispatching: DispatchDesk
    work: UnitWork
    exchange: ExchangeRoom
    privacy: PrivacyDesk
    retention: Retention

    @classmethod
    def of(
        cls,
        config: Config,
        database: Database,
        journal: Journal,
        clock: Clock,
        aftercare: Aftercare,
    ) -> CaseRoom:
        """The room as it is configured. Nothing is read yet: see :meth:`open`."""
        base = _Base.of(config, journal, clock, aftercare)
        registry, classes, clocks = base.registry, base.classes, base.clocks
        sample = config.hotline.demo and config.registry.sample_city
        recordings = config.recording.dir
        attachments = AttachmentDesk.of(
            journal, config.hotline.data_dir, config.registry.attachment_mb
        )
        privacy = PrivacyDesk(journal, recordings, attachments)
        return cls(
            taxonomy=classes,
            registry=registry,
            clocks=clocks,
            progress=ProgressDesk(registry, journal, clock),
            resumer=Resumer(registry, journal, clock),
            intake=CaseIntake(registry, journal, Lookups(database)),
            backfill=Backfill(database, clock),
            picture=Picture(database),
            searching=Searching(database, lambda: f"{local(clock.now(), config.zone):%Y%m%d}"),
            saved_filters=SavedFilters(database, clock),
            exports=CaseExports(journal),
            units=base.units,
            places=base.places,
            matters=MatterDesk(journal, registry, clock, base.rules),
            dispatching=DispatchDesk(journal, base.units, clock, sample=sample),
            work=UnitWork(database, clock),
            judging=JudgingDesk(
                journal,
                config.zone,
                lambda: classes.current,
                lambda: clocks.calendars.current,
            ),
            attachments=attachments,
            exchange=ExchangeRoom.of(
                base.exchange,
                config=config,
                journal=journal,
                clock=clock,
                registry=registry,
                classes=classes,
            ),
            privacy=privacy,
            retention=Retention(journal, privacy, clock, config.zone, recordings),
        )

    async def open(self) -> None:
        """Read what the parts keep in the database.

        Raises :class:`hotline.storage.database.DatabaseUnavailable`.
        """
        await self.taxonomy.load()
        await self.clocks.open()
        await self.units.open()
        await self.places.open()
        await self.dispatching.open()
        await self.exchange.open()

    def jobs(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What runs for ever beside the calls, by name."""
        return {
            "cases": self.intake.run,
            **self.clocks.jobs(),
            "suspended cases": self.resumer.run,
            "places": self.places.run,
            "attachments": self.attachments.run,
            "search index": self.backfill.run,
            "retention": self.retention.run,
            **self.exchange.jobs(),
        }
