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
    """Whether a viewer of the case may open this attachment.

    A voice tells who spoke: a unit hears none of an anonymous or confidential case, others hear
    that of a confidential one when they answer for it or took it in.
    """
    if one.kind != "sound" or one.stage != "report":
        return True
    if viewer.role is Role.UNIT:
        return not (case.anonymous or case.confidential)
    answers = {case.opened_by, case.owner, one.added_by}
    return not case.confidential or viewer.role is Role.SUPERVISOR or viewer.user_id in answers
