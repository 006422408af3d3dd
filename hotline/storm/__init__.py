"""Storms: a trouble that half the city calls about, told to callers before they ask."""
