"""Photos, documents and sounds that belong to a case."""
