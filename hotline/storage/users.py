"""Users and sessions. STORAGE HELPER: being written by the "people" helper (your step 4), leave it."""
