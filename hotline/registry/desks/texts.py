"""Texts that agents insert into a form instead of typing them; supervisors keep them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from hotline.clock import Clock
from hotline.registry.forms import CHOICE, KINDS, REQUIRED, TOO_LONG
from hotline.registry.model import Actor, BadForm
from hotline.storage.database import Database
from hotline.storage.records import storable
from hotline.storage.tables_pop import TextTemplateRow

LONGEST_NAME = 40
LONGEST_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class TextTemplate:
    """A text with its name. ``kind``: offered for cases of this kind only, empty for any;
    ``active``: offered at all."""

    template_id: int
    name: str
    kind: str
    text: str
    active: bool
    changed_by: str
    changed_at: float


class NoSuchText(LookupError):
    """No text has this number."""


class TextTemplates:
    """Keeps the texts. None is deleted: what is no longer offered can be offered again.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all(self, *, active_only: bool = True) -> tuple[TextTemplate, ...]:
        """The texts by name, those offered first."""
        query = select(TextTemplateRow).order_by(
            TextTemplateRow.active.desc(), TextTemplateRow.name, TextTemplateRow.template_id
        )
        if active_only:
            query = query.where(TextTemplateRow.active.is_(True))
        async with self._database.session() as session:
            return tuple(_template(row) for row in await session.scalars(query))

    async def save(
        self,
        template_id: int | None,
        *,
        name: str,
        kind: str,
        text: str,
        active: bool,
        by: Actor,
    ) -> int:
        """Make a text (without a number) or change one; gives its number.

        Raises :class:`BadForm`, :class:`NoSuchText`.
        """
        name, text = str(storable(name)).strip(), str(storable(text)).strip()
        _check(name, kind, text)
        async with self._database.writing() as session:
            row = TextTemplateRow() if template_id is None else None
            if row is None:
                row = await session.get(TextTemplateRow, template_id)
            if row is None:
                raise NoSuchText(template_id)
            row.name, row.kind, row.text, row.active = name, kind, text, active
            row.changed_by, row.changed_at = by.user_id, self._clock.now()
            session.add(row)
            await session.flush()
            return row.template_id


def _check(name: str, kind: str, text: str) -> None:
    faults = {}
    for field, value, most in (("name", name, LONGEST_NAME), ("text", text, LONGEST_TEXT)):
        if not value:
            faults[field] = REQUIRED
        elif len(value) > most:
            faults[field] = TOO_LONG
    if kind and kind not in KINDS:
        faults["kind"] = CHOICE
    if faults:
        raise BadForm(faults)


def _template(row: TextTemplateRow) -> TextTemplate:
    return TextTemplate(
        row.template_id,
        row.name,
        row.kind,
        row.text,
        row.active,
        row.changed_by,
        row.changed_at,
    )
