"""Calling citizens back to ask how it went."""
