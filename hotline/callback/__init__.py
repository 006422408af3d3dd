"""Calling citizens back to ask how it went.

STORAGE HELPER: the "people" helper writes hotline/callback/** and hotline/storage/users.py from
01:57 on, so leave your steps 3 and 4 out; finish registry (step 2), then report.
"""
