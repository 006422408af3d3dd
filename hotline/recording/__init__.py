"""Where recordings land, and whether they are whole."""
