"""Calls that staff place from a case or a form, and promises to call a citizen at a time."""
