"""What choosing a class makes of a case: the class with its standard and the city's revision."""

from __future__ import annotations

from typing import Any, Protocol

from hotline.registry.forms import CATEGORY
from hotline.registry.model import BadForm
from hotline.registry.taxonomy.codes import BadCode, read_component
from hotline.registry.taxonomy.model import Category
from hotline.registry.taxonomy.shipped import load
from hotline.registry.taxonomy.tree import Taxonomy
from hotline.storage.tables import CaseRow

AS_IT_STANDS = "@"
"""Before a key: the class that the case has, which another standard may call something else."""


class Classes(Protocol):
    """The classes that a case may be given: a bare standard, or a city's library of them."""

    @property
    def current(self) -> Taxonomy:
        """All classes in force, with those that were retired."""

    def choose(self, key: str) -> Category | None:
        """The class that a case may be given now; None for one that is unknown or retired."""


def class_values(
    classes: Classes, category: str, component_code: str, row: CaseRow | None
) -> dict[str, Any]:
    """The columns that follow from the class and the component code that were typed.

    A class that the case has already stays as it is, whatever became of it since; so does its
    code. Raises :class:`hotline.registry.model.BadForm`.
    """
    kept = row is not None and _is_kept(category, row, classes.current)
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    current = classes.current
    if not kept:
        found = classes.choose(category) if category else None
        if category and found is None:
            faults["category"] = CATEGORY
        values = {
            "standard": current.standard if found else None,
            "category_code": found.key if found else None,
            "category_name": found.name if found else None,
            "taxonomy_revision": current.revision if found else None,
        }
    code_kept = kept and row is not None and component_code == row.component_code
    if component_code and not code_kept:
        standard = row.standard if kept and row is not None else None
        own = current if standard in {None, current.standard} else load(str(standard))
        try:
            read_component(component_code, own, category.removeprefix(AS_IT_STANDS))
        except BadCode as bad:
            faults["component_code"] = bad.key
    if faults:
        raise BadForm(faults)
    return values


def _is_kept(category: str, row: CaseRow, current: Taxonomy) -> bool:
    held = row.category_code or ""
    if category.startswith(AS_IT_STANDS):
        return category == AS_IT_STANDS + held
    return category == held and (not held or row.standard == current.standard)
