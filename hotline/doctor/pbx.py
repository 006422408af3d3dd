"""The PBX: what the probe told, judged."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from hotline.config import Config
from hotline.doctor.model import Finding
from hotline.doctor.probes import run_probe
from hotline.doctor.texts import Say

OLDEST = 20
PROBE_SECONDS = 10.0
FALLBACK_QUEUE = "hotline-fallback"
READ = ("system", "call", "agent", "user", "dtmf")
WRITE = ("system", "call", "agent", "originate", "reporting")
ACTIONS = (
    *("CoreShowChannels", "PJSIPShowContacts", "QueueStatus", "QueueAdd", "QueueRemove"),
    *("Originate", "Redirect", "Hangup", "Getvar", "Setvar"),
)
MODULES = (
    *("chan_pjsip", "res_pjsip_registrar", "res_pjsip_authenticator_digest", "res_rtp_asterisk"),
    *("res_pjsip_transport_websocket", "res_http_websocket", "res_srtp", "res_musiconhold"),
    *("pbx_config", "res_agi", "app_dial", "app_queue", "app_record", "app_mixmonitor"),
    *("app_playback", "app_stack", "app_userevent", "bridge_simple", "format_wav"),
    *("func_callerid", "func_channel", "func_logic", "func_strings", "func_timeout"),
)
# Any of the modules gives the codec; Opus is for the browser's softphone only.
CODECS = {
    "alaw": ("codec_alaw",),
    "ulaw": ("codec_ulaw",),
    "g722": ("codec_g722",),
    "opus": ("codec_opus", "codec_opus_open_source"),
}


@dataclass(frozen=True, slots=True)
class PbxFacts:
    """What the probe found out; None or empty where it did not get so far.

    ``asked`` is False when there was no secret to ask with; ``refused`` is why the login was
    refused, empty when it was not; ``silent`` is whether the peer stopped answering;
    ``modules`` has True, False, or None for those we may not ask for.
    """

    asked: bool = False
    connected: bool = False
    banner: str = ""
    error: str = ""
    refused: str | None = None
    booted: bool = False
    version: str | None = None
    clock_off_s: float | None = None
    actions: tuple[str, ...] | None = None
    modules: Mapping[str, bool | None] | None = None
    members: tuple[str, ...] | None = None
    silent: bool = False

    @property
    def logged_in(self) -> bool:
        """Whether AMI let us in."""
        return self.refused == ""


def ask_pbx(config: Config, secret: str, seconds: float = PROBE_SECONDS) -> PbxFacts:
    """Ask the configured PBX; takes at most ``seconds``."""
    names = [*MODULES, *(name for names in CODECS.values() for name in names)]
    request = {
        "host": config.pbx.ami_host,
        "port": config.pbx.ami_port,
        "user": config.pbx.ami_user,
        "secret": secret,
        "modules": names,
        "queue": FALLBACK_QUEUE,
    }
    outcome = run_probe("pbx_probe", given=json.dumps(request), seconds=seconds)
    told: dict[str, Any] = {
        "asked": True,
        "silent": not outcome.ended,
        "error": outcome.why,
        **outcome.facts,
    }
    known = {field.name for field in fields(PbxFacts)}
    return PbxFacts(**{name: value for name, value in told.items() if name in known})


def judge_pbx(config: Config, facts: PbxFacts, say: Say) -> Iterator[Finding]:
    """What is to be said of the PBX, the clocks and the fallback queue apart."""
    yield _reached(config, facts, say)
    yield _login(config, facts, say)
    yield _version(facts, say)
    yield _modules(config, facts, say)
    yield _codecs(config, facts, say)


def _reached(config: Config, facts: PbxFacts, say: Say) -> Finding:
    where = f"{config.pbx.ami_host}:{config.pbx.ami_port}"
    if not facts.asked:
        return Finding("pbx", "unknown", say("needs.secret"))
    if facts.silent:
        text = say("pbx.silent", where=where, seconds=f"{PROBE_SECONDS:.0f}")
        return Finding("pbx", "bad", text)
    if facts.error or not facts.connected:
        return Finding("pbx", "bad", say("pbx.absent", where=where, why=facts.error or "-"))
    return Finding("pbx", "good", say("pbx.good", where=where))


def _login(config: Config, facts: PbxFacts, say: Say) -> Finding:
    user = config.pbx.ami_user
    if facts.refused:
        return Finding("login", "bad", say("login.refused", user=user, why=facts.refused))
    if not facts.logged_in or facts.actions is None:
        return Finding("login", "unknown", say("needs.pbx"))
    if denied := [name for name in ACTIONS if name not in facts.actions]:
        actions = ", ".join(denied)
        text = say("login.write", user=user, actions=actions, write=",".join(WRITE))
        return Finding("login", "bad", text)
    return _read_rights(config, facts, say)


def _read_rights(config: Config, facts: PbxFacts, say: Say) -> Finding:
    """AMI tells nobody what they may read: ``system`` shows itself, the rest is in a file."""
    user, read = config.pbx.ami_user, ",".join(READ)
    configured = _configured_read(config)
    missing = [name for name in READ if configured is not None and name not in configured]
    if not facts.booted and "system" not in missing:
        missing.insert(0, "system")
    if missing:
        text = say("login.read", user=user, classes=", ".join(missing), read=read)
        return Finding("login", "bad", text)
    if configured is None:
        return Finding("login", "note", say("login.read_unseen", user=user, read=read))
    return Finding("login", "good", say("login.good", user=user))


def _configured_read(config: Config) -> frozenset[str] | None:
    """The classes our own PBX's manager.conf gives; None for a PBX that is not ours."""
    file = config.hotline.data_dir / "pbx" / "etc" / "manager.conf"
    if config.pbx.mode != "managed" or not file.is_file():
        return None
    return read_classes(file, config.pbx.ami_user)


def read_classes(file: Path, user: str) -> frozenset[str]:
    """What ``user`` may read according to a manager.conf; ``all`` is every class."""
    section, found = "", ""
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        text = line.partition(";")[0].strip()
        if head := re.match(r"\[([^\]]+)\]", text):
            section = head[1]
        elif section == user and (value := re.match(r"read\s*=>?\s*(.*)", text)):
            found = value[1]
    classes = frozenset(name.strip() for name in found.split(","))
    return frozenset(READ) if "all" in classes else classes


def _version(facts: PbxFacts, say: Say) -> Finding:
    if facts.version is None:
        return _not_asked("version", facts, say)
    major = re.search(r"(\d+)\.", facts.version)
    if major is None:
        return Finding("version", "bad", say("version.unread", version=facts.version))
    if int(major[1]) < OLDEST:
        text = say("version.old", version=facts.version, oldest=OLDEST)
        return Finding("version", "bad", text)
    return Finding("version", "good", say("version.good", version=facts.version))


def _modules(config: Config, facts: PbxFacts, say: Say) -> Finding:
    if facts.modules is None:
        return _not_asked("modules", facts, say)
    if any(loaded is None for loaded in facts.modules.values()):
        text = say("needs.rights", user=config.pbx.ami_user, action="ModuleCheck")
        return Finding("modules", "unknown", text)
    if missing := [name for name in MODULES if not facts.modules.get(name)]:
        return Finding("modules", "bad", say("modules.missing", names=", ".join(missing)))
    return Finding("modules", "good", say("modules.good", count=len(MODULES)))


def _codecs(config: Config, facts: PbxFacts, say: Say) -> Finding:
    if facts.modules is None:
        return _not_asked("codecs", facts, say)
    loaded = facts.modules
    if any(value is None for value in loaded.values()):
        text = say("needs.rights", user=config.pbx.ami_user, action="ModuleCheck")
        return Finding("codecs", "unknown", text)
    there = [codec for codec, names in CODECS.items() if any(loaded.get(n) for n in names)]
    missing = [codec for codec in CODECS if codec not in there and codec != "opus"]
    if missing:
        return Finding("codecs", "bad", say("codecs.missing", names=", ".join(missing)))
    if "opus" not in there:
        return Finding("codecs", "note", say("codecs.opus", names=", ".join(there)))
    return Finding("codecs", "good", say("codecs.good", names=", ".join(there)))


def _not_asked(check: str, facts: PbxFacts, say: Say) -> Finding:
    return Finding(check, "unknown", say("needs.login" if facts.refused else "needs.pbx"))
