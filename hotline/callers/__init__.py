"""Who calls: why a call goes first, signs of nuisance, and rules for numbers."""
