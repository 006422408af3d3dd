"""Cases about the same matter: found, linked, merged, split."""
