"""The city's places and the units that handle its cases."""
