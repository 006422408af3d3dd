"""The desk's form between the page, which knows texts and ticks, and the registry's."""

from __future__ import annotations

from collections.abc import Mapping

from hotline.registry.forms import AGENT_SOURCES
from hotline.registry.model import Case

_TEXTS = (
    "kind",
    "urgency",
    "address",
    "road",
    "landmark",
    "description",
    "happened",
    "caller_name",
    "caller_sex",
    "expected_reply",
    "component_code",
    "condition",
    "unit",
)
SAME_AS = "same_as"
"""The case that the form's matter is the same as; no field of a case, but a link."""
RELATED_TO = "related_to"
"""The case that its matter has to do with, as :data:`SAME_AS`."""
# What was typed for the class while none was chosen: kept in a draft, and no part of a case.
_WORDS = "category_words"
_NO_FIELDS = frozenset({SAME_AS, RELATED_TO, _WORDS})
_TICKS = ("anonymous", "confidential", "callback_wanted")
# What the registry derives from the address: said only when somebody typed it, or emptied it.
_FOLLOWING = ("road", "landmark")


def typed_form(typed: Mapping[str, object], stands: Case | None) -> dict[str, object]:
    """The form as :func:`hotline.registry.forms.read_form` takes it. ``stands`` is the case that
    it was saved as before."""
    form = {name: value for name, value in typed.items() if name not in _NO_FIELDS}
    point = form.pop("point", None)
    if isinstance(point, str) and point:
        form["longitude"], _, form["latitude"] = point.partition(",")
    for name in _FOLLOWING:
        if form.get(name) == "" and not (stands and getattr(stands, name)):
            del form[name]
    if stands is not None and stands.source not in AGENT_SOURCES:
        form.pop("source", None)
    return form


def shown_form(case: Case) -> dict[str, object]:
    """A case as the desk's form holds it; the citizen's number stays on the server."""
    form: dict[str, object] = {name: getattr(case, name) for name in (*_TEXTS, *_TICKS)}
    known = case.longitude is not None and case.latitude is not None
    return form | {
        "category": case.category_code or "",
        "source": case.source,
        "point": f"{case.longitude},{case.latitude}" if known else "",
    }
