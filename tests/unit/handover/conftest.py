"""Fixtures: a migrated database behind a journal, at the time of a hand clock."""

from tests.databases import clock, database, database_url, journal

__all__ = ["clock", "database", "database_url", "journal"]
