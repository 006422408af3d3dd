"""The state of the system, for whoever keeps it running."""

from __future__ import annotations

import asyncio
import platform
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from hotline import __version__
from hotline.config import Config
from hotline.ivr import prompts
from hotline.ivr.prompts import PromptStatus
from hotline.speech.models import DEMO_NAME, ModelFault, locate
from hotline.storage.database import DatabaseUnavailable
from hotline.storage.lookups import Lookups
from hotline.web.access import AdminOnly
from hotline.web.page import PageOf
from hotline.web.web import Web, WebOf

router = APIRouter()

_GOOD_PROMPTS = frozenset({"synthetic", "recorded"})


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk below a folder, in bytes; None when it cannot be asked. ``low``: less is free than
    ``recording.min_free_mb``."""

    name: str
    folder: Path
    free: int | None
    total: int | None
    low: bool


@dataclass(frozen=True, slots=True)
class SpeechModel:
    """The model that ``speech.model`` names; ``fault`` is why it cannot be used."""

    name: str
    demo: bool = False
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prompts of the language in use: how many there are in each state, and what is wrong."""

    counts: dict[str, int]
    faults: tuple[PromptStatus, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database tells of itself; None for what it does not tell now."""

    dialect: str
    schema: str | None
    records: int
    waiting_reports: int | None


@router.get("/system")
async def system_page(web: WebOf, page: PageOf, viewer: AdminOnly) -> HTMLResponse:
    """Each part's state, the versions, and where to look further."""
    config = web.parts.config
    return page.render(
        "system/system.html",
        components=await web.parts.health(),
        version=__version__,
        python=platform.python_version(),
        facts=await _facts(web),
        disks=await asyncio.to_thread(disks_of, config),
        model=await asyncio.to_thread(model_of, config.speech.model),
        prompts=await asyncio.to_thread(_prompts, config),
        pages=len(web.streams),
        min_free_mb=config.recording.min_free_mb,
    )


async def _facts(web: Web) -> Facts:
    database = web.parts.database
    schema: str | None = None
    waiting: int | None = None
    try:
        schema = await database.version()
        waiting = len(await Lookups(database).waiting_reports())
    except DatabaseUnavailable:
        # The component's own line says so; this page is read just when something is wrong.
        pass
    return Facts(database.dialect, schema, web.parts.journal.last_seq, waiting)


def disks_of(config: Config) -> list[Disk]:
    """The disks below the data and the recordings."""
    least = config.recording.min_free_mb * 2**20
    folders = {"data": config.hotline.data_dir, "recordings": config.recording.dir}
    return [_disk(name, folder, least) for name, folder in folders.items()]


def _disk(name: str, folder: Path, least: int) -> Disk:
    # A folder that is made with its first file does not exist yet; its disk does.
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    try:
        usage = shutil.disk_usage(there)
    except OSError:
        return Disk(name, folder, None, None, low=False)
    return Disk(name, folder, usage.free, usage.total, low=usage.free < least)


def model_of(setting: str) -> SpeechModel | None:
    """The configured speech model, None when none is named."""
    if not setting:
        return None
    try:
        model = locate(setting)
    except ModelFault as fault:
        return SpeechModel(setting, fault=str(fault))
    return SpeechModel(model.name, demo=model.name == DEMO_NAME)


def _prompts(config: Config) -> Prompts | None:
    """None when the prompts' folder cannot be read."""
    folder = config.hotline.data_dir / "prompts"
    try:
        found: Sequence[PromptStatus] = prompts.status(
            folder,
            [config.hotline.language],
            prompts.Wording.of(config),
            prompts.voice_of(config),
        )
    except OSError:
        return None
    counts = Counter(status.state for status in found)
    return Prompts(dict(counts), tuple(one for one in found if one.state not in _GOOD_PROMPTS))
