"""What a handling unit's people may see: cases that their unit answers for or helps with."""

from __future__ import annotations

from hotline.registry.attachments.model import Attachment
from hotline.registry.model import Case, NoSuchCase
from hotline.web.access import Role, Viewer
from hotline.web.web import Web


async def visible_case(web: Web, viewer: Viewer, number: str) -> Case:
    """The case, when this viewer may see it.

    Raises :class:`NoSuchCase`, also for a unit that neither answers for the case nor helps with
    it: a number shall tell nothing.
    """
    case = await web.parts.cases.get(number)
    if viewer.role is not Role.UNIT:
        return case
    if viewer.unit_id and viewer.unit_id == case.unit_id:
        return case
    life = await web.parts.cases.life(number)
    if not viewer.unit_id or life.part(viewer.unit_id) is None:
        raise NoSuchCase(number)
    return case


def may_open(viewer: Viewer, case: Case, one: Attachment) -> bool:
    """Whether a viewer of the case may open this attachment: a voice tells who spoke, so a unit
    hears none of an anonymous or confidential case."""
    hidden = case.anonymous or case.confidential
    return not (
        viewer.role is Role.UNIT and hidden and one.kind == "sound" and one.stage == "report"
    )
