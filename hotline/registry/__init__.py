"""Cases: opened, followed, closed."""
