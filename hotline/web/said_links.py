"""What a form says of other cases, written when it is saved: the same matter, or a related one."""

from __future__ import annotations

from collections.abc import Mapping

from hotline.registry.similar.model import Relation
from hotline.web.access import Viewer
from hotline.web.desk_form import RELATED_TO, SAME_AS
from hotline.web.web import Web

_SAID = {SAME_AS: Relation.DUPLICATE, RELATED_TO: Relation.RELATED}


async def link_said(web: Web, case_number: str, form: Mapping[str, object], by: Viewer) -> None:
    """Link the case that the form was saved as. Raises what
    :meth:`hotline.registry.similar.service.MatterDesk.link` does."""
    for name, relation in _SAID.items():
        other = form.get(name)
        if other and isinstance(other, str):
            await web.parts.room.matters.link(case_number, other, relation, by)
