"""What a form must say, by the kind of the case: a city's own table (``[form]`` in hotline.toml).

A kind, a description and a class that exists are asked for by :mod:`hotline.registry.forms`
whatever the city wants. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from hotline.registry.forms import REQUIRED, CaseForm
from hotline.registry.model import BadForm

_OF_A_PERSON = frozenset({"caller_name", "caller_phone", "caller_sex"})


def check_demands(form: CaseForm, demanded: Sequence[str], *, reachable: bool) -> None:
    """Raise :class:`BadForm` with every field that is demanded and that the form leaves empty.

    Who wishes to stay anonymous is asked for nothing personal. ``reachable``: the call came from a
    number that can be called back, which is enough where one is demanded.
    """
    faults = {
        name: REQUIRED
        for name in demanded
        if not getattr(form, name)
        and not (form.anonymous and name in _OF_A_PERSON)
        and not (name == "caller_phone" and form.caller_phone is None and reachable)
    }
    if faults:
        raise BadForm(faults)
