"""Desks that work through many cases: kept filters, bulk actions, the map and the wall."""
