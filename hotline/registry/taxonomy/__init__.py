"""The taxonomy: standards as versioned data, a city's own classes, conversion, search."""

from __future__ import annotations

from hotline.registry.taxonomy.model import Category, Standard, UnknownStandard
from hotline.registry.taxonomy.shipped import STANDARD, load, standards
from hotline.registry.taxonomy.tree import Taxonomy

__all__ = [
    "STANDARD",
    "Category",
    "Standard",
    "Taxonomy",
    "UnknownStandard",
    "load",
    "standards",
]
