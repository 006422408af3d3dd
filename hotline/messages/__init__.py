"""Text messages to citizens, by a gateway of the city's: off unless one is configured."""
