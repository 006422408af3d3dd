"""What an agent sees and does: presence, screen-pop, call control."""
