"""The life of a case: its states, who may take which step between them, and what each step does."""
