"""The caller's wait: how long it will be, what is said of it, and places kept for a callback."""
