"""HTTP: the API, the pages, the live stream."""
