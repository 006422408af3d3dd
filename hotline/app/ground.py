"""What everything stands on: configuration, time, database, journal, secrets."""

from __future__ import annotations

from hotline import secrets
from hotline.calendar.service import CalendarService
from hotline.clock import Clock
from hotline.config import Config
from hotline.metrics import Metrics
from hotline.storage.database import Database
from hotline.storage.journal import Journal
from hotline.storage.lookups import Lookups


class Ground:
    """Raises :class:`hotline.config.ConfigError` where secrets cannot be read or made."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self.config = config
        self.clock = clock
        self.metrics = Metrics()
        self.database = Database(config.database_url)
        self.journal = Journal(self.database, clock, on_written=self.metrics.journal_write.observe)
        self.lookups = Lookups(self.database)
        self.calendar = CalendarService.of(config, self.journal)
        self.secrets = secrets.load_or_make(config)
