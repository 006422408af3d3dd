"""What a form must say, by the kind of the case: a city's own table (``[form]`` in hotline.toml).

A kind, a description and a class that exists are asked for by :mod:`hotline.registry.forms`
whatever the city wants. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hotline.registry.forms import REQUIRED, CaseForm, read_form
from hotline.registry.model import BadForm

_OF_A_PERSON = frozenset({"caller_name", "caller_phone", "caller_sex"})


def read_whole_form(
    typed: Mapping[str, Any], demanded: Sequence[str], *, reachable: bool
) -> CaseForm:
    """The form that was typed. ``reachable``: the call came from a number that can be called back,
    which is enough where one is demanded.

    Raises :class:`BadForm` with every faulty field and every one that is demanded and left empty.
    """
    missing = {name: REQUIRED for name in demanded if _is_missing(typed, name, reachable=reachable)}
    try:
        form = read_form(typed)
    except BadForm as bad:
        raise BadForm(missing | bad.faults) from bad
    if missing:
        raise BadForm(missing)
    return form


def _is_missing(typed: Mapping[str, Any], name: str, *, reachable: bool) -> bool:
    """Who wishes to stay anonymous is asked for nothing personal."""
    if name in _OF_A_PERSON and typed.get("anonymous"):
        return False
    if name == "caller_phone" and typed.get(name) is None and reachable:
        return False
    return not str(typed.get(name) or "").strip()
