"""What the doctor says of what was found."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hotline.config import Config, PbxSection
from hotline.doctor.database import DatabaseFacts, judge_database, newest_revision
from hotline.doctor.machine import judge_clocks, judge_fallback
from hotline.doctor.model import Finding, all_well
from hotline.doctor.pbx import ACTIONS, CODECS, MODULES, PbxFacts, judge_pbx, read_classes
from hotline.doctor.texts import _TEXTS, Say

SAY = Say("en")
EXTERNAL = Config(pbx=PbxSection(mode="external"))
NOW = 1_795_225_878.0

SOUND = PbxFacts(
    asked=True,
    connected=True,
    banner="Asterisk Call Manager",
    refused="",
    booted=True,
    version="22.10.1",
    clock_off_s=0.01,
    actions=ACTIONS,
    modules=dict.fromkeys([*MODULES, *(name for names in CODECS.values() for name in names)], True),
    members=("PJSIP/1001",),
)
ON_DUTY = DatabaseFacts("0001", NOW - 60, frozenset({"1001"}))


def judged(check: str, facts: PbxFacts) -> Finding:
    (finding,) = (f for f in judge_pbx(EXTERNAL, facts, SAY) if f.check == check)
    return finding


def without(*modules: str) -> PbxFacts:
    assert SOUND.modules is not None
    return replace(SOUND, modules={**SOUND.modules, **dict.fromkeys(modules, False)})


def test_a_sound_pbx_is_good_in_every_line() -> None:
    states = {f.check: f.state for f in judge_pbx(EXTERNAL, SOUND, SAY)}
    assert states == {
        "pbx": "good",
        "login": "note",
        "version": "good",
        "modules": "good",
        "codecs": "good",
    }


@pytest.mark.parametrize(
    ("facts", "check", "state", "words"),
    [
        (replace(SOUND, silent=True), "pbx", "bad", "does not answer"),
        (replace(SOUND, connected=False, error="refused"), "pbx", "bad", "make run"),
        (PbxFacts(), "pbx", "unknown", "secret"),
        (replace(SOUND, refused="Authentication failed"), "login", "bad", "pbx.ami_secret"),
        (replace(SOUND, actions=ACTIONS[1:]), "login", "bad", "CoreShowChannels"),
        (replace(SOUND, booted=False), "login", "bad", "system"),
        (replace(SOUND, version="18.5.0"), "version", "bad", "too old"),
        (replace(SOUND, version="certified/20.7-cert1"), "version", "good", "20.7"),
        (replace(SOUND, version="unknown"), "version", "bad", "unknown"),
        (without("app_queue", "res_agi"), "modules", "bad", "res_agi, app_queue"),
        (replace(SOUND, modules=dict.fromkeys(MODULES)), "modules", "unknown", "ModuleCheck"),
        (without("codec_alaw"), "codecs", "bad", "alaw"),
        (without("codec_opus"), "codecs", "good", "opus"),
        (without("codec_opus", "codec_opus_open_source"), "codecs", "note", "no opus"),
        (replace(SOUND, modules=None, silent=True), "codecs", "unknown", "does not answer"),
        (replace(SOUND, modules=None, refused="no"), "modules", "unknown", "let us in"),
    ],
)
def test_each_fault_of_the_pbx_is_told_with_what_to_do(
    facts: PbxFacts, check: str, state: str, words: str
) -> None:
    finding = judged(check, facts)
    assert (finding.state, words in finding.text) == (state, True), finding


def test_read_rights_of_our_own_pbx_are_read_from_its_manager_conf(tmp_path: Path) -> None:
    file = tmp_path / "manager.conf"
    file.write_text(
        "[general]\nread = none\n[other]\nread = all\n[hotline]\n"
        "secret = x ; read = y\nread = system,call ; not dtmf\n"
    )
    assert read_classes(file, "hotline") == {"system", "call"}
    assert read_classes(file, "other") >= {"system", "call", "agent", "user", "dtmf"}
    assert read_classes(file, "nobody") == {""}


@pytest.mark.parametrize(
    ("off", "newest", "state"),
    [
        (0.2, NOW, "good"),
        (-3.0, NOW, "bad"),
        (None, NOW, "unknown"),
        (0.2, NOW + 3600, "bad"),
        (0.2, None, "good"),
    ],
)
def test_clocks_that_disagree_are_told(off: float | None, newest: float | None, state: str) -> None:
    finding = judge_clocks(
        EXTERNAL, replace(SOUND, clock_off_s=off), replace(ON_DUTY, newest_event=newest), NOW, SAY
    )
    assert finding.state == state


@pytest.mark.parametrize(
    ("members", "database", "state"),
    [
        (("PJSIP/1001", "PJSIP/1001-web", "Local/1001@phones/n"), ON_DUTY, "good"),
        (("PJSIP/1001", "PJSIP/1002"), ON_DUTY, "bad"),
        ((), DatabaseFacts(error="down"), "good"),
        (("PJSIP/1001",), DatabaseFacts(error="down"), "unknown"),
        (None, ON_DUTY, "bad"),
    ],
)
def test_a_fallback_member_who_went_off_duty_is_told(
    members: tuple[str, ...] | None, database: DatabaseFacts, state: str
) -> None:
    assert judge_fallback(replace(SOUND, members=members), database, SAY).state == state


@pytest.mark.parametrize(
    ("facts", "state", "words"),
    [
        (DatabaseFacts(newest_revision()), "good", "newest"),
        (DatabaseFacts("0000"), "bad", "brings them up"),
        (DatabaseFacts(None), "bad", "brings them up"),
        (DatabaseFacts("9999"), "bad", "newer program"),
        (DatabaseFacts(absent="/x.db"), "bad", "not there yet"),
        (DatabaseFacts(error="refused"), "bad", "database.url"),
    ],
)
def test_the_database_s_version_is_held_to_the_program_s(
    facts: DatabaseFacts, state: str, words: str
) -> None:
    finding = judge_database(EXTERNAL, facts, SAY)
    assert (finding.state, words in finding.text) == (state, True), finding


def test_notes_are_well_and_the_unknown_is_not() -> None:
    assert all_well([Finding("a", "good", ""), Finding("b", "note", "")])
    assert not all_well([Finding("a", "good", ""), Finding("b", "unknown", "")])


def test_both_languages_say_the_same_things() -> None:
    for key, (chinese, english) in _TEXTS.items():
        assert set(_fields(chinese)) == set(_fields(english)), key


def _fields(text: str) -> list[str]:
    return [piece.partition("}")[0].split(":")[0].split("!")[0] for piece in text.split("{")[1:]]


def test_the_doctor_shares_no_code_with_the_controller() -> None:
    program = (
        "import sys, hotline.doctor.main;"
        "from hotline.doctor.database import newest_revision; newest_revision();"
        "print(*sorted(name for name in sys.modules if name.startswith('hotline.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    parts = {name.split(".")[1] for name in done.stdout.split()}
    assert parts == {"doctor", "config", "secrets"}
