"""Hotline 12319: the telephony side of a city management hotline."""

__version__ = "0.1.0"
