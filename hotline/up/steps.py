"""What has to stand before anything is started. Each step leaves alone what is as it should be."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from hotline.config import Config
from hotline.storage.migrations import HEAD
from hotline.up.faults import SetupFault
from hotline.up.paths import PROJECT, PbxPaths
from hotline.web.assets import AssetsMissing, load_assets

# What a prompt's sound depends on, besides the wording and the voice.
_PROMPT_SOURCES = ("hotline/ivr/prompts.toml", "hotline/ivr/prompts/*.py", "hotline/ivr/english.py",
                   "hotline/ivr/mandarin.py", "requirements/run.txt", "hotline/speech/audio.py",
                   "hotline/speech/synthesis.py")  # fmt: skip
_PROMPTS_MARK = "made.json"


def check_front_end() -> None:
    """Raise :class:`SetupFault` unless the pages' scripts have been built."""
    try:
        load_assets()
    except AssetsMissing as error:
        raise SetupFault("the pages' scripts are not built: run make pages") from error


def changed(texts: Mapping[Path, str]) -> dict[Path, str]:
    """Those files that do not have these texts yet."""
    return {path: text for path, text in texts.items() if _text(path) != text}


def write(texts: Mapping[Path, str]) -> None:
    """Write files that hold secrets, each as a whole. Raises :class:`SetupFault`."""
    for path, text in texts.items():
        fresh = path.with_name(f".{path.name}.fresh")
        mode = 0o700 if text.startswith("#!") else 0o600
        try:
            fresh.unlink(missing_ok=True)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            fresh.replace(path)
        except OSError as error:
            raise SetupFault(f"{path}: cannot be written: {error.strerror}") from error


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


# --- prompts ----------------------------------------------------------------------------


async def make_prompts(config: Config, paths: PbxPaths) -> bool:
    """Have every prompt spoken that is missing or changed; whether there was anything to do.

    Raises :class:`SetupFault`.
    """
    if _prompts_mark(config, paths) == _text(paths.prompts / _PROMPTS_MARK):
        return False
    # Imported here: a start with nothing to speak does not pay for the voice.
    from hotline.ivr import prompts  # noqa: PLC0415
    from hotline.speech.synthesis import SynthesisFault  # noqa: PLC0415

    try:
        wording = prompts.Wording.of(config)
        voice = prompts.voice_of(config)
        await asyncio.to_thread(prompts.build, paths.prompts, wording=wording, voice=voice)
        (paths.prompts / _PROMPTS_MARK).write_text(_prompts_mark(config, paths), encoding="utf-8")
    except (SynthesisFault, OSError) as error:
        raise SetupFault(f"the prompts cannot be made: {error}") from error
    return True


def _prompts_mark(config: Config, paths: PbxPaths) -> str:
    """Changes with everything that decides how the prompts sound, and with the files' state."""
    wording = (config.hotline.name, config.hotline.number, config.queue.report_key)
    digest = hashlib.sha256(repr(wording).encode())
    digest.update(config.prompts.model_dump_json().encode())
    for source in _PROMPT_SOURCES:
        for path in sorted(PROJECT.glob(source)):
            digest.update(path.read_bytes())
    return json.dumps({"sources": digest.hexdigest(), "files": dict(_states(paths.prompts))})


def _states(prompts: Path) -> Iterator[tuple[str, list[int]]]:
    for path in sorted(prompts.glob("*/*.wav")):
        state = path.stat()
        yield str(path.relative_to(prompts)), [state.st_size, state.st_mtime_ns]


# --- database ---------------------------------------------------------------------------


async def migrate_database(config: Config) -> bool:
    """Bring the tables to this version; whether there was anything to do.

    Raises :class:`SetupFault`.
    """
    if not config.database.url and _sqlite_version(config) == HEAD:
        return False
    # Imported here: a start with nothing to migrate does not pay for SQLAlchemy.
    from hotline.storage.database import (  # noqa: PLC0415
        DatabaseUnavailable,
        MigrationError,
        migrate,
    )

    try:
        return await migrate(config.database_url)
    except DatabaseUnavailable as error:
        raise SetupFault(f"the database cannot be used: {error.why}") from error
    except MigrationError as error:
        raise SetupFault(str(error)) from error


def _sqlite_version(config: Config) -> str | None:
    file = config.hotline.data_dir / "hotline.db"
    try:
        connection = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        return None
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        # Whatever is wrong with it, migrating tells.
        return None
    finally:
        connection.close()
    return str(row[0]) if row else None
