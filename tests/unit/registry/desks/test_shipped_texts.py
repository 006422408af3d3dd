"""The texts that the demo begins with."""

from __future__ import annotations

import pytest

from hotline.registry.desks.shipped_texts import seed_texts
from hotline.registry.desks.texts import TextTemplates
from hotline.registry.model import SYSTEM
from hotline.storage.journal import Journal
from tests.databases import HandClock


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_demo_begins_with_texts_and_brings_none_back(
    journal: Journal, clock: HandClock
) -> None:
    texts = TextTemplates(journal.database, clock)
    await seed_texts(texts)
    shipped = await texts.all()
    assert len(shipped) >= 10
    assert {one.kind for one in shipped} >= {"report", "complaint", "consult", ""}
    for one in shipped:
        kept = {"name": one.name, "kind": one.kind, "text": one.text}
        await texts.save(one.template_id, **kept, active=False, by=SYSTEM)
    await seed_texts(texts)
    assert await texts.all() == ()
