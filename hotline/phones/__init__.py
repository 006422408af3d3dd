"""Agents' telephones: tested before the shift, and their lines watched during talks."""
