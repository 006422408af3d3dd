"""Cases in and out: 12345, 110, a city's platform and other systems."""
