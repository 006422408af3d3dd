"""A peer's ticket, read into a case's form; every fault names the peer's own field. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from hotline.clock import Clock
from hotline.registry import forms
from hotline.registry.exchange import mapping
from hotline.registry.exchange import values as value_of
from hotline.registry.exchange.mapping import FieldFault, FieldMapping
from hotline.registry.forms import CaseForm
from hotline.registry.model import BadForm
from hotline.registry.taxonomy.chosen import Classes, class_values

_EXTRAS = ("external_id", "asked_at", "reply_by")
_EXTERNAL_ID = re.compile(r"[\w.:-]{1,64}")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket that can become a case; instants in Unix seconds."""

    external_id: str
    form: CaseForm
    asked_at: float | None = None
    reply_by: float | None = None

    @property
    def digest(self) -> str:
        """What makes it the same ticket as another."""
        said = [self.external_id, self.form.model_dump(), self.asked_at, self.reply_by]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


class BadTicket(Exception):
    """A ticket cannot be taken; every fault of it."""

    def __init__(self, faults: tuple[FieldFault, ...]) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.key}" for fault in faults))
        self.faults = faults

    @property
    def fields(self) -> dict[str, str]:
        """Each of the peer's fields with the key of its first fault."""
        return {fault.field: fault.key for fault in reversed(self.faults)}


class TicketReader:
    """Reads tickets; categories may be given by key, or by a name or code that only one has."""

    def __init__(self, taxonomy: Classes, clock: Clock, zone: tzinfo) -> None:
        self._taxonomy = taxonomy
        self._clock = clock
        self._zone = zone

    def read(self, wanted: FieldMapping, given: Mapping[str, Any], external_id: str = "") -> Ticket:
        """The ticket; ``external_id`` names it where it does not do so itself.

        Raises :class:`BadTicket`.
        """
        if external_id:
            rest = {name: rule for name, rule in wanted.fields.items() if name != "external_id"}
            wanted = FieldMapping.model_construct(fields=rest)
        applied = self._applied(wanted, given)
        values, faults = applied.values, list(applied.faults)
        external_id = external_id or str(values.get("external_id", ""))
        if external_id and not is_external_id(external_id):
            faults.append(_fault(wanted, "external_id", "bad_id", values))
        form, more = self._form(wanted, values, {fault.target for fault in faults})
        faults += more
        if form is None or faults:
            raise BadTicket(tuple(faults))
        return Ticket(external_id, form, values.get("asked_at"), values.get("reply_by"))

    def changes(self, wanted: FieldMapping, given: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of the form that a message changes: those that it names, and no other.

        Raises :class:`BadTicket`.
        """
        named = {
            name: rule.model_copy(update={"required": False, "default": None})
            for name, rule in wanted.fields.items()
            if name not in _EXTRAS and any(_named(given, source) for source in rule.sources)
        }
        applied = self._applied(FieldMapping.model_construct(fields=named), given)
        # What is named and empty is emptied.
        values = {
            name: applied.values.get(name, None if name in {"longitude", "latitude"} else "")
            for name in named
        }
        faults = list(applied.faults)
        values = self._with_category(values)
        probe = {"kind": "help", "description": "-", **values}
        try:
            forms.read_form(probe)
        except BadForm as bad:
            known = {fault.target for fault in faults}
            faults += _of_form(wanted, bad, values, known)
        faults += self._of_class(wanted, values)
        if faults:
            raise BadTicket(tuple(faults))
        return values

    def _applied(self, wanted: FieldMapping, given: Mapping[str, Any]) -> mapping.Applied:
        return mapping.apply(wanted, given, zone=self._zone, now=self._clock.now(), inward=True)

    def _form(
        self, wanted: FieldMapping, values: Mapping[str, Any], faulty: set[str]
    ) -> tuple[CaseForm | None, list[FieldFault]]:
        typed = {name: value for name, value in values.items() if name not in _EXTRAS}
        typed = self._with_category(typed)
        faults = self._of_class(wanted, typed)
        # Not the number of whoever brings the file.
        typed.setdefault("caller_phone", "")
        typed.setdefault("kind", "help")
        try:
            return forms.read_form(typed), faults
        except BadForm as bad:
            return None, faults + _of_form(wanted, bad, values, faulty)

    def _with_category(self, values: dict[str, Any]) -> dict[str, Any]:
        named = values.get("category")
        if not named or self._taxonomy.choose(named) is not None:
            return values
        found = [
            category.key
            for category in self._taxonomy.current
            if named in {category.name, category.code} and self._taxonomy.choose(category.key)
        ]
        return {**values, "category": found[0]} if len(found) == 1 else values

    def _of_class(self, wanted: FieldMapping, values: Mapping[str, Any]) -> list[FieldFault]:
        category, code = str(values.get("category", "")), str(values.get("component_code", ""))
        try:
            class_values(self._taxonomy, category, code, None)
        except BadForm as bad:
            return _of_form(wanted, bad, values, set())
        return []


def is_external_id(text: str) -> bool:
    """Whether a peer may name a ticket so: letters, digits and ``. : - _``, up to 64."""
    return _EXTERNAL_ID.fullmatch(text) is not None


def in_their_words(wanted: FieldMapping, bad: BadForm) -> dict[str, str]:
    """The faults of a form by the peer's own fields."""
    return {fault.field: fault.key for fault in _of_form(wanted, bad, {}, set())}


def _of_form(
    wanted: FieldMapping, bad: BadForm, values: Mapping[str, Any], known: set[str]
) -> list[FieldFault]:
    return [
        _fault(wanted, target, key.removeprefix("form."), values)
        for target, key in bad.faults.items()
        if target not in known
    ]


def _fault(wanted: FieldMapping, target: str, key: str, values: Mapping[str, Any]) -> FieldFault:
    sources = wanted.sources_of(target)
    value = value_of.shown(values.get(target, ""))
    fault = FieldFault(sources[0] if sources else target, key, value, target)
    return replace(fault, key="out_of_range") if _is_range(fault) else fault


def _is_range(fault: FieldFault) -> bool:
    return fault.target in {"longitude", "latitude"} and fault.key == "wrong"


def _named(given: Mapping[str, Any], name: str) -> bool:
    if name in given:
        return True
    found: Any = given
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return False
        found = found[part]
    return True
