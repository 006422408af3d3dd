"""When a queue is on duty: weekly hours, holidays, and what is decided for single days."""
