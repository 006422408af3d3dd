"""This machine: clocks, disk, prompts, speech model, and the controller's ports."""

from __future__ import annotations

import json
import shutil
import socket
import tempfile
import tomllib
import urllib.error
import urllib.request
import wave
from datetime import datetime
from pathlib import Path

import hotline
from hotline.config import Config
from hotline.doctor.database import DatabaseFacts
from hotline.doctor.model import Finding
from hotline.doctor.pbx import FALLBACK_QUEUE, PbxFacts
from hotline.doctor.probes import run_probe
from hotline.doctor.texts import Say

CLOCK_SECONDS = 1.0
CLOCK_BACK_SECONDS = 60.0
PORT_SECONDS = 3.0
MODEL_SECONDS = 180.0
LANGUAGES = ("zh", "en")
DEMO_MODEL = "demo"
MEGABYTE = 1024 * 1024


def judge_clocks(
    config: Config, pbx: PbxFacts, database: DatabaseFacts, now: float, say: Say
) -> Finding:
    """Ours, the PBX's, the journal's."""
    local = datetime.fromtimestamp(now, config.zone).strftime("%Y-%m-%d %H:%M")
    zone = config.hotline.timezone
    if database.newest_event is not None and database.newest_event > now + CLOCK_BACK_SECONDS:
        return Finding("clocks", "bad", say("clocks.back", ahead=database.newest_event - now))
    if pbx.clock_off_s is None:
        return Finding("clocks", "unknown", say("clocks.alone", local=local, zone=zone))
    if abs(pbx.clock_off_s) > CLOCK_SECONDS:
        return Finding("clocks", "bad", say("clocks.apart", off=pbx.clock_off_s))
    text = say("clocks.good", off=abs(pbx.clock_off_s), local=local, zone=zone)
    return Finding("clocks", "good", text)


def judge_fallback(pbx: PbxFacts, database: DatabaseFacts, say: Say) -> Finding:
    """Would the fallback ring somebody who has gone home?"""
    if not pbx.logged_in or pbx.modules is None:
        key = "needs.login" if pbx.refused else "needs.pbx"
        return Finding("fallback", "unknown", say(key))
    if pbx.members is None:
        return Finding("fallback", "bad", say("fallback.absent", queue=FALLBACK_QUEUE))
    if not pbx.members:
        return Finding("fallback", "good", say("fallback.empty"))
    if database.on_duty is None:
        return Finding("fallback", "unknown", say("needs.database"))
    gone = [member for member in pbx.members if _extension(member) not in database.on_duty]
    if gone:
        return Finding("fallback", "bad", say("fallback.residual", members=", ".join(gone)))
    return Finding("fallback", "good", say("fallback.good", count=len(pbx.members)))


def _extension(interface: str) -> str:
    """``1001`` of ``PJSIP/1001-web`` or ``Local/1001@phones/n``."""
    name = interface.partition("/")[2]
    return name.partition("@")[0].removesuffix("-web")


def check_disk(config: Config, say: Say) -> Finding:
    """Can recordings, database and logs be written, and is there room?"""
    folders = [config.recording.dir, config.hotline.data_dir]
    if config.pbx.mode == "managed":
        folders.append(config.hotline.data_dir / "pbx" / "log")
    least_mb: int | None = None
    for folder in folders:
        try:
            with tempfile.TemporaryFile(dir=folder):
                free_mb = shutil.disk_usage(folder).free // MEGABYTE
        except OSError as error:
            text = say("disk.closed", folder=folder, why=error.strerror)
            return Finding("disk", "bad", text)
        if free_mb < config.recording.min_free_mb:
            wanted = config.recording.min_free_mb
            text = say("disk.full", folder=folder, free_mb=free_mb, min_mb=wanted)
            return Finding("disk", "bad", text)
        least_mb = free_mb if least_mb is None else min(least_mb, free_mb)
    names = ", ".join(str(folder) for folder in folders)
    return Finding("disk", "good", say("disk.good", folders=names, free_mb=least_mb))


def check_speech(config: Config, say: Say, seconds: float = MODEL_SECONDS) -> Finding:
    """Can the recogniser load its model?"""
    setting = config.speech.model
    if not setting:
        return Finding("speech", "note", say("speech.none"))
    ours = Path(hotline.__file__).parent / "speech" / "models" / DEMO_MODEL
    path = ours if setting == DEMO_MODEL else Path(setting)
    if not path.is_dir():
        return Finding("speech", "bad", say("speech.absent", path=path))
    outcome = run_probe("speech_probe", str(path), seconds=seconds)
    if outcome.why:
        return Finding("speech", "bad", say("speech.broken", path=path, why=outcome.why))
    if path == ours:
        return Finding("speech", "note", say("speech.demo"))
    return Finding("speech", "good", say("speech.good", path=path))


def check_prompts(config: Config, say: Say) -> Finding:
    """Is every prompt there in both languages, in the form that Asterisk plays?"""
    catalogue = Path(hotline.__file__).parent / "ivr" / "prompts.toml"
    names = list(tomllib.loads(catalogue.read_text(encoding="utf-8")))
    keys = [f"{language}/{name}" for language in LANGUAGES for name in names]
    folder = config.hotline.data_dir / "prompts"
    # The pieces of numbers and dates are in no text file, but known to whoever made them.
    keys += sorted(_made(folder) - set(keys))
    bad = [key for key in keys if not _playable(folder / f"{key}.wav")]
    if not bad:
        return Finding("prompts", "good", say("prompts.good", count=len(keys)))
    shown = [*bad[:4], "…"] if len(bad) > 4 else bad
    return Finding("prompts", "bad", say("prompts.bad", names=", ".join(shown)))


def _made(folder: Path) -> set[str]:
    """The prompts that the manifest knows; none when it cannot be read."""
    try:
        return set(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["prompts"])
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _playable(path: Path) -> bool:
    try:
        with wave.open(str(path)) as prompt:
            form = (prompt.getnchannels(), prompt.getsampwidth(), prompt.getframerate())
            return form == (1, 2, 8000) and prompt.getnframes() > 0
    except (OSError, EOFError, wave.Error):
        return False


def check_agi(config: Config, say: Say) -> Finding:
    """Does the controller take calls from the PBX?"""
    host, port = _reachable(config.pbx.agi_host), config.pbx.agi_port
    where = f"{host}:{port}"
    try:
        with socket.create_connection((host, port), PORT_SECONDS):
            return Finding("agi", "good", say("agi.good", where=where))
    except OSError as error:
        return Finding("agi", "bad", say("agi.absent", where=where, why=_why(error)))


def check_web(config: Config, say: Say) -> Finding:
    """Do the pages answer?"""
    host = _reachable(config.web.host)
    url = f"http://{f'[{host}]' if ':' in host else host}:{config.web.port}/healthz"
    # Our own machine is not behind a proxy.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=PORT_SECONDS):
            return Finding("web", "good", say("web.good", url=url))
    except (OSError, urllib.error.URLError) as error:
        return Finding("web", "bad", say("web.absent", url=url, why=_why(error)))


def _reachable(host: str) -> str:
    """Where a server that listens on ``host`` can be reached from here."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104


def _why(error: OSError) -> str:
    reason = getattr(error, "reason", None)
    return str(getattr(reason, "strerror", None) or error.strerror or reason or error)
