"""The cases' registry: opened from a form or a spoken report, edited, moved along, looked up.

Every change writes the case and its events in one transaction. Nothing is deleted: what an edit
replaced stands in its event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import tzinfo
from typing import Any

from sqlalchemy import delete, select

from hotline.registry import forms, listing
from hotline.registry.amending import amend
from hotline.registry.companions import Companion, Taken
from hotline.registry.forms import CaseForm
from hotline.registry.life.check import checked
from hotline.registry.life.machine import Machine
from hotline.registry.life.model import Facts, Inputs, State
from hotline.registry.life.stepping import Conditions, Stepper, Units
from hotline.registry.model import (
    SOURCES,
    SYSTEM,
    Actor,
    Aftercare,
    BadForm,
    Case,
    CaseConflict,
    CaseFilter,
    CasePage,
    NoSuchCase,
    NoSuchReport,
    NotAllowed,
    Progress,
)
from hotline.registry.personal import resolved
from hotline.registry.similar.linking import progress_of
from hotline.registry.taxonomy.chosen import AS_IT_STANDS, Classes, class_values
from hotline.registry.writing import CaseWriter
from hotline.storage.journal import Journal, Transaction
from hotline.storage.numbers import canonical
from hotline.storage.records import Record, storable
from hotline.storage.tables import CallRow, CaseRow, DraftRow, ReportRow

_KEPT = frozenset({"waiting", "transcribed", "failed"})
_HISTORY = 10_000
# What follows from the address unless somebody sets it: a form without them leaves them alone.
_FOLLOWING = frozenset({"road", "landmark", "longitude", "latitude"})
# Where the form still says who shall handle a case; from then on it is dispatched.
_BEFORE_UNIT = frozenset({State.TO_VERIFY, State.TO_FILE, State.TO_DISPATCH})
_OPENING_ROLES = frozenset(
    {"agent", "callback", "dispatcher", "checker", "unit", "supervisor", "system"}
)


class CaseRegistry:
    """Opens, changes and finds cases.

    Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none.
    """

    def __init__(
        self,
        journal: Journal,
        zone: tzinfo,
        taxonomy: Classes,
        aftercare: Aftercare,
        companions: Sequence[Companion] = (),
        *,
        machine: Machine | None = None,
        units: Units | None = None,
        conditions: Conditions | None = None,
    ) -> None:
        self._journal = journal
        self._taxonomy = taxonomy
        self._writer = CaseWriter(zone, companions)
        self.machine = machine or checked()
        self.stepper = Stepper(self.machine, aftercare, companions, units, conditions)

    # --- opened ---------------------------------------------------------------------------

    async def open_from_call(
        self, form: CaseForm, call_id: str, by: Actor, version: int | None = None
    ) -> Case:
        """Save the form of a call: the first time as a new case, then as an edit of it.

        Without a ``version`` an edit is accepted as long as nobody else has changed the case.
        The agent's draft is done with. Raises :class:`NotAllowed`, :class:`CaseConflict`,
        :class:`BadForm`.
        """
        async with self._journal.transaction() as tx:
            return Case.of(await self.open_from_call_in(tx, form, call_id, by, version))

    async def open_from_call_in(
        self, tx: Transaction, form: CaseForm, call_id: str, by: Actor, version: int | None = None
    ) -> CaseRow:
        """As :meth:`open_from_call`, inside a transaction that has more to write."""
        if not self.machine.may_edit(State.TO_FILE, by.role):
            raise NotAllowed("case.not_your_role")
        row = (
            await tx.session.scalars(
                select(CaseRow).where(CaseRow.call_id == call_id, CaseRow.report_id.is_(None))
            )
        ).one_or_none()
        if row is None:
            call = await tx.session.get(CallRow, call_id)
            values = self._values(form, None) | _phone(form, call)
            made = {"source": "hotline", "call_id": call_id, "state": State.TO_FILE}
            row = await self._writer.open(tx, by, **(made | values))
        else:
            self._check_may_edit(row, by)
            _unchanged(row, version, by)
            await self._edit(tx, row, form, by)
        await tx.session.execute(
            delete(DraftRow).where(DraftRow.call_id == call_id, DraftRow.user_id == by.user_id)
        )
        return row

    async def open_from_report(self, report_id: str) -> Case:
        """The case of a spoken report that was kept, made when there is none yet.

        Nobody has judged it: it is to be verified, and its kind is empty. Raises
        :class:`NoSuchReport`.
        """
        async with self._journal.transaction() as tx:
            row = await _of_report(tx, report_id)
            if row is not None:
                return Case.of(row)
            report = await tx.session.get(ReportRow, report_id)
            if report is None or report.state not in _KEPT:
                raise NoSuchReport(report_id)
            call = await tx.session.get(CallRow, report.call_id)
            row = await self._writer.open(
                tx,
                SYSTEM,
                source="fallback" if report.reason == "fallback" else "voice_report",
                state=State.TO_VERIFY,
                call_id=report.call_id,
                report_id=report_id,
                kind="",
                description=report.text or "",
                caller_phone=_reachable(call),
            )
            return Case.of(row)

    async def open_for_storm(self, tx: Transaction, by: Actor, text: str, places: str) -> str:
        """The number of a new case for all who are affected by a storm, made in the transaction
        that begins it."""
        row = await self._writer.open(
            tx,
            by,
            source="storm",
            state=State.TO_FILE,
            kind="help",
            urgency="urgent",
            description=text,
            address=places,
            callback_wanted=False,
        )
        return row.case_number

    async def open_in(
        self,
        tx: Transaction,
        form: CaseForm,
        *,
        source: str,
        by: Actor,
        state: str = State.TO_FILE,
        **columns: Any,
    ) -> CaseRow:
        """A new case that another system or a file brings, inside a transaction that has more to
        write; ``columns`` are those beside the form's. Raises :class:`BadForm`."""
        faults = {"source": forms.CHOICE} if source not in SOURCES else {}
        if state not in self.machine.starts:
            faults["state"] = forms.CHOICE
        if faults:
            raise BadForm(faults)
        values = {"caller_phone": "", **self._values(form, None), **columns, "source": source}
        return await self._writer.open(tx, by, state=state, **values)

    async def edit_in(
        self, tx: Transaction, row: CaseRow, changes: Mapping[str, Any], by: Actor
    ) -> None:
        """Change fields of the form as another system tells them, inside a transaction that has
        more to write. Raises :class:`NotAllowed`, :class:`BadForm`."""
        if row.state in self.machine.final:
            raise NotAllowed("case.not_in_this_state")
        await self._edit(tx, row, forms.read_form({**_form_of(row), **changes}), by)

    async def open(self, form: CaseForm, source: str, by: Actor) -> Case:
        """Open a case that no call brought: an inspector's, a unit's own, a letter.

        Raises :class:`NotAllowed`, :class:`BadForm`.
        """
        if by.role not in _OPENING_ROLES:
            raise NotAllowed("case.not_your_role")
        async with self._journal.transaction() as tx:
            return Case.of(await self.open_in(tx, form, source=source, by=by))

    async def take_transcript(self, report_id: str) -> None:
        """Put a report's text into its case, unless somebody has described it already.

        The case keeps its version: whoever is typing into it meanwhile saves without conflict,
        and the text stays with the report.
        """
        async with self._journal.transaction() as tx:
            row = await _of_report(tx, report_id)
            report = await tx.session.get(ReportRow, report_id)
            if row is None or report is None or not report.text or row.description:
                return
            before = await amend(tx, row, {"description": report.text})
            await self._writer.tell_changed(tx, row, before)

    # --- changed --------------------------------------------------------------------------

    async def edit(
        self, case_number: str, changes: Mapping[str, Any], version: int, by: Actor
    ) -> Case:
        """Change fields of the form; those not named stay.

        Raises :class:`NoSuchCase`, :class:`NotAllowed`, :class:`CaseConflict`,
        :class:`BadForm`.
        """
        async with self._journal.transaction() as tx:
            row = await _row(tx, case_number)
            self._check_may_edit(row, by)
            _unchanged(row, version, by)
            await self._edit(tx, row, forms.read_form({**_form_of(row), **changes}), by)
            return Case.of(row)

    async def move(
        self,
        case_number: str,
        action: str,
        by: Actor,
        why: str = "",
        *,
        version: int,
        unit: str | None = None,
        inputs: Inputs | None = None,
    ) -> Case:
        """Take a step of the case's life with these inputs; ``why`` and ``unit`` (by name) may be
        given beside them.

        Raises :class:`NoSuchCase`, :class:`NotAllowed`, :class:`CaseConflict`,
        :class:`BadForm`.
        """
        given = inputs or Inputs()
        if unit is not None:
            given = replace(given, unit=forms.read_unit(unit))
        async with self._journal.transaction() as tx:
            row = await _row(tx, case_number)
            _unchanged(row, version, by)
            await self.move_in(tx, row, action, by, why, inputs=given)
            return Case.of(row)

    async def move_in(
        self,
        tx: Transaction,
        row: CaseRow,
        action: str,
        by: Actor,
        why: str = "",
        *,
        inputs: Inputs | None = None,
    ) -> Taken:
        """As :meth:`move`, inside a transaction that has more to write."""
        given = Inputs(**storable(asdict(inputs or Inputs())))
        given = replace(given, assist=tuple(given.assist), why=forms.read_why(why or given.why))
        return await self.stepper.take(tx, row, action, by, given)

    # --- found ----------------------------------------------------------------------------

    async def get(self, case_number: str) -> Case:
        """A case. Raises :class:`NoSuchCase`."""
        async with self._journal.database.session() as session:
            row = await session.get(CaseRow, case_number)
        if row is None:
            raise NoSuchCase(case_number)
        return Case.of(row)

    async def life(self, case_number: str) -> Facts:
        """What the rules know of a case: its joint parts and requests among it.

        Raises :class:`NoSuchCase`.
        """
        async with self._journal.database.session() as session:
            row = await session.get(CaseRow, case_number)
            if row is None:
                raise NoSuchCase(case_number)
            return await self.stepper.facts(session, row)

    async def list(
        self,
        wanted: CaseFilter = CaseFilter(),  # noqa: B008
        *,
        sort: str = "opened_at",
        descending: bool = True,
        page: int = 1,
        size: int = 50,
    ) -> CasePage:
        """One page of the cases that are wanted; ``sort`` is one of :data:`listing.SORTS`.

        Raises :class:`KeyError` for another order, :class:`ValueError` for a page or size
        below one.
        """
        order = listing.Order(sort, descending, page, size)
        async with self._journal.database.session() as session:
            return await listing.find(session, wanted, order)

    async def counts(
        self,
        wanted: CaseFilter = CaseFilter(),  # noqa: B008
    ) -> dict[str, int]:
        """How many cases stand in each state; states without any are left out.

        ``wanted`` narrows them as in a list, except by state.
        """
        async with self._journal.database.session() as session:
            return await listing.count_states(session, wanted)

    async def history(self, case_number: str) -> Sequence[Record]:
        """Everything that happened to a case, oldest first; names and numbers that were taken
        away are empty."""
        records = await self._journal.read(limit=_HISTORY, case_number=case_number)
        async with self._journal.database.session() as session:
            return await resolved(session, records)

    async def progress(self, case_number: str, last_four: str) -> Progress | None:
        """What the citizen may see who knows the last four digits of the number left with the
        case; None when they do not fit or the case has no number."""
        async with self._journal.database.session() as session:
            row = await session.get(CaseRow, case_number)
            if row is None or len(last_four) != 4 or row.caller_phone[-4:] != last_four:
                return None
            return await progress_of(session, row)

    # --- inside ---------------------------------------------------------------------------

    async def _edit(self, tx: Transaction, row: CaseRow, form: CaseForm, by: Actor) -> None:
        values = self._values(form, row)
        if values["unit"] != row.unit:
            if row.state not in _BEFORE_UNIT:
                raise BadForm({"unit": forms.BY_DISPATCH})
            values["unit_id"] = self.stepper.unit_id_of(values["unit"])
        await self._writer.change(tx, row, values, by)

    def _check_may_edit(self, row: CaseRow, by: Actor) -> None:
        if self.machine.may_edit(row.state, by.role):
            return
        editor = self.machine.may_edit(State.TO_FILE, by.role)
        raise NotAllowed("case.not_in_this_state" if editor else "case.not_your_role")

    def _values(self, form: CaseForm, row: CaseRow | None) -> dict[str, Any]:
        values = form.model_dump(exclude={"category"} | (_FOLLOWING - form.model_fields_set))
        if form.caller_phone is None:
            del values["caller_phone"]
        if not form.source:
            del values["source"]
        return values | class_values(self._taxonomy, form.category, form.component_code, row)


async def _row(tx: Transaction, case_number: str) -> CaseRow:
    row = await tx.session.get(CaseRow, case_number)
    if row is None:
        raise NoSuchCase(case_number)
    return row


async def _of_report(tx: Transaction, report_id: str) -> CaseRow | None:
    query = select(CaseRow).where(CaseRow.report_id == report_id)
    return (await tx.session.scalars(query)).one_or_none()


def _unchanged(row: CaseRow, version: int | None, by: Actor) -> None:
    fits = row.changed_by == by.user_id if version is None else row.version == version
    if not fits:
        raise CaseConflict(Case.of(row))


def _form_of(row: CaseRow) -> dict[str, Any]:
    names = CaseForm.model_fields.keys() - {"category", "source"}
    held = AS_IT_STANDS + row.category_code if row.category_code else ""
    return {name: getattr(row, name) for name in names} | {"category": held}


def _phone(form: CaseForm, call: CallRow | None) -> dict[str, str]:
    if form.caller_phone is not None:
        return {}
    return {"caller_phone": "" if form.anonymous else _reachable(call)}


def _reachable(call: CallRow | None) -> str:
    """The number a call came from, when it can be dialled."""
    number = canonical(call.calling) if call else ""
    return number if forms.dialable(number) else ""
