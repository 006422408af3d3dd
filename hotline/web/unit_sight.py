"""What a handling unit's people may see: the cases that their own unit was given."""

from __future__ import annotations

from hotline.registry.attachments.model import Attachment
from hotline.registry.model import Case, NoSuchCase
from hotline.storage.tables import UserRow
from hotline.web.access import Role, Viewer
from hotline.web.web import Web


async def unit_of(web: Web, viewer: Viewer) -> str:
    """The id of the unit that somebody works for, empty for none."""
    async with web.parts.database.session() as session:
        user = await session.get(UserRow, viewer.user_id)
    return user.unit_id if user else ""


async def visible_case(web: Web, viewer: Viewer, number: str) -> Case:
    """The case, when this viewer may see it.

    Raises :class:`NoSuchCase`, also for a unit that was never given the case: its number shall
    tell nothing.
    """
    case = await web.parts.cases.get(number)
    if viewer.role is not Role.UNIT:
        return case
    unit_id = await unit_of(web, viewer)
    if not unit_id or case.unit_id != unit_id:
        raise NoSuchCase(number)
    return case


def may_open(viewer: Viewer, case: Case, one: Attachment) -> bool:
    """Whether a viewer of the case may open this attachment: a voice tells who spoke, so a unit
    hears none of an anonymous or confidential case."""
    hidden = case.anonymous or case.confidential
    return not (
        viewer.role is Role.UNIT and hidden and one.kind == "sound" and one.stage == "report"
    )
