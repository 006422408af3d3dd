"""Handing a caller over to another service: 110, a department, another hotline."""
