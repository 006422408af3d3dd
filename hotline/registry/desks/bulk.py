"""One step for many cases: each in a transaction of its own, each told how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hotline.registry.life.model import Inputs
from hotline.registry.model import Actor, BadForm, CaseConflict, NoSuchCase, NotAllowed
from hotline.registry.service import CaseRegistry
from hotline.storage.records import storable

MOST = 100
"""As many cases as one request may name: a page asks again and shows how far it is."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A case that somebody chose, as they saw it."""

    case_number: str
    version: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the step ended for one case: where it stands now, or why nothing was done.

    ``fault`` is empty when the step was taken, else no_such_case, conflict, bad_form or what
    :class:`hotline.registry.model.NotAllowed` names; ``fields`` are what a bad form lacks.
    """

    case_number: str
    state: str = ""
    version: int | None = None
    fault: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    changed_by: str = ""


async def act(
    registry: CaseRegistry,
    chosen: Sequence[Chosen],
    action: str,
    by: Actor,
    inputs: Inputs,
) -> tuple[Outcome, ...]:
    """Take ``action`` for each case in turn; one that cannot be taken stops no other.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`: what was done before stays.
    """
    done: dict[str, Outcome] = {}
    for one in chosen:
        # Named twice, the second would only tell of a conflict with the first.
        if one.case_number not in done:
            done[one.case_number] = await _act(registry, one, action, by, inputs)
    return tuple(done.values())


async def _act(
    registry: CaseRegistry, one: Chosen, action: str, by: Actor, inputs: Inputs
) -> Outcome:
    number = one.case_number
    if number != storable(number):
        return Outcome(number, fault="no_such_case")
    try:
        case = await registry.move(number, action, by, version=one.version, inputs=inputs)
    except NoSuchCase:
        return Outcome(number, fault="no_such_case")
    except CaseConflict as conflict:
        now = conflict.case
        return Outcome(number, now.state, now.version, "conflict", changed_by=now.changed_by)
    except NotAllowed as refused:
        return Outcome(number, fault=refused.key)
    except BadForm as bad:
        return Outcome(number, fault="bad_form", fields=bad.faults)
    return Outcome(number, case.state, case.version)
