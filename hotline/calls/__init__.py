"""One call from ring to rest: the decisions and the state that carry it."""
