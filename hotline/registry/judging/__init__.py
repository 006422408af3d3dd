"""Judging: what the cases of a period amount to, by named definitions."""
