"""``hotline up``: everything made ready, Asterisk and the controller started and kept alive."""
