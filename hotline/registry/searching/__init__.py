"""Full-text search over cases, with the same words on both databases."""
