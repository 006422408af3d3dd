"""Every test here that asks for a database runs on both."""

from tests.databases import clock, database, database_url, journal

__all__ = ["clock", "database", "database_url", "journal"]
