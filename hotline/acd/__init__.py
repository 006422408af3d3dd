"""Who takes which call: a pure engine."""
