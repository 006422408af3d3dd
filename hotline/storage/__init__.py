"""Tables, migrations and the journal."""
