"""Numbers about calls and people, each a projection of the journal."""
