"""The texts to insert that the demo begins with."""

from __future__ import annotations

import tomllib
from pathlib import Path

from hotline.registry.desks.texts import TextTemplates
from hotline.registry.model import SYSTEM

_FILE = Path(__file__).with_name("demo_texts.toml")


async def seed_texts(texts: TextTemplates) -> None:
    """Write the shipped texts, unless there was ever one: who keeps none has decided so.

    Raises :class:`hotline.storage.database.DatabaseUnavailable`.
    """
    if await texts.all(active_only=False):
        return
    for one in tomllib.loads(_FILE.read_text(encoding="utf-8"))["text"]:
        await texts.save(None, **one, active=True, by=SYSTEM)
