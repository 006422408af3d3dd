"""Component codes (部件标识码) and grid ids, judged by the version of the standard.

A component's code is 6 digits of the district, 2 of the major and 2 (2026: 3) of the minor class,
and 6 that count the components of the class: 16 digits in 2007 and 2013, 17 in 2026. That 2026
has 17 digits is told by one public source.
"""

from __future__ import annotations

from dataclasses import dataclass

from hotline.registry.taxonomy.gaps import missing_codes
from hotline.registry.taxonomy.model import COMPONENT
from hotline.registry.taxonomy.shipped import standard_of
from hotline.registry.taxonomy.tree import Taxonomy

DIGITS = "form.component_digits"
SHORT_16, SHORT_17 = "form.component_length_16", "form.component_length_17"
DISTRICT, CLASS, OTHER_CLASS = (
    "form.component_district",
    "form.component_class",
    "form.component_other_class",
)
SERIAL = "form.component_serial"
GRID = "form.grid"
FAULTS = (DIGITS, SHORT_16, SHORT_17, DISTRICT, CLASS, OTHER_CLASS, SERIAL, GRID)
"""Keys of the messages that name what is wrong."""

_ENGLISH = {
    DIGITS: "a component code has digits only",
    SHORT_16: "a component code has 16 digits: 6 district, 2 major, 2 minor, 6 serial",
    SHORT_17: "a component code of 2026 has 17 digits: 6 district, 2 major, 3 minor, 6 serial",
    DISTRICT: "the first 6 digits are no code of a district",
    CLASS: "the class from the 7th digit on is not in the standard",
    OTHER_CLASS: "the class in the code is not the chosen component",
    SERIAL: "the last 6 digits count from 000001",
    GRID: "a grid id has 15 digits and begins with a district",
}

GRID_DIGITS = 15
_DISTRICT, _SERIAL = 6, 6
# The provinces of GB/T 2260, by their first two digits.
_PROVINCES = frozenset(
    str(number)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65))
    for number in range(first, last + 1)
) | {"71", "81", "82"}


@dataclass(frozen=True, slots=True)
class ComponentCode:
    """A component's code, taken apart. ``name`` is its class's, empty for one that the partial
    list of the standard leaves out."""

    code: str
    standard: str
    district: str
    class_code: str
    serial: str
    name: str


class BadCode(ValueError):
    """A code that cannot be; ``key`` is one of :data:`FAULTS`."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def in_english(key: str) -> str:
    """What a fault means, for the terminal; the screens have their own words."""
    return _ENGLISH[key]


def read_component(code: str, classes: Taxonomy, category: str = "") -> ComponentCode:
    """Take a code apart; ``category`` is the key of the class it should be of, if one was chosen.

    Raises :class:`BadCode` for the first thing that is wrong with it.
    """
    about = standard_of(classes.standard)
    if not (code.isascii() and code.isdigit()):
        raise BadCode(DIGITS)
    if len(code) != about.component_code_digits:
        raise BadCode(SHORT_17 if about.component_code_digits == 17 else SHORT_16)
    district, class_code, serial = code[:_DISTRICT], code[_DISTRICT:-_SERIAL], code[-_SERIAL:]
    _check_district(district)
    found = classes.get(f"{COMPONENT}/{class_code}")
    if found is None and not _may_be(classes, class_code):
        raise BadCode(CLASS)
    if category.startswith(f"{COMPONENT}/") and category != f"{COMPONENT}/{class_code}":
        raise BadCode(OTHER_CLASS)
    if not int(serial):
        raise BadCode(SERIAL)
    name = found.name if found else ""
    return ComponentCode(code, classes.standard, district, class_code, serial, name)


def check_grid(grid: str) -> None:
    """Whether ``grid`` can be a unit grid's id: 15 digits that begin with a district.

    Raises :class:`BadCode`.
    """
    if not (grid.isascii() and grid.isdigit() and len(grid) == GRID_DIGITS):
        raise BadCode(GRID)
    _check_district(grid[:_DISTRICT])


def _check_district(district: str) -> None:
    if district[:2] not in _PROVINCES or district[2:] == "0000":
        raise BadCode(DISTRICT)


def _may_be(classes: Taxonomy, class_code: str) -> bool:
    """Whether the standard may have a class that its partial list leaves out."""
    majors = {category.major_code for category in classes if category.branch == COMPONENT}
    if class_code[:2] not in majors or not int(class_code[2:]):
        return False
    gaps = missing_codes(classes.standard, COMPONENT)
    return gaps.open_ended or class_code in gaps.codes
