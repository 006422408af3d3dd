"""Synthetic citizens and agents on real SIP phones."""
