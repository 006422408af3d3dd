"""``hotline doctor``: every check, one line each."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hotline.config import Config, ConfigError, load
from hotline.doctor.calendar import check_calendar
from hotline.doctor.database import ask_database, judge_database
from hotline.doctor.machine import (
    check_agi,
    check_disk,
    check_prompts,
    check_speech,
    check_web,
    judge_clocks,
    judge_fallback,
)
from hotline.doctor.model import Finding, all_well
from hotline.doctor.pbx import PbxFacts, ask_pbx, judge_pbx
from hotline.doctor.texts import Say
from hotline.secrets import FILE, load_or_make

_STYLES = {"good": "green", "note": "yellow", "bad": "bold red", "unknown": "magenta"}


def run(config_file: Path, *, as_json: bool = False, out: TextIO | None = None) -> int:
    """Look at everything and write what was found to ``out``, by default standard output.

    0 when every check is good (or worth a note), else 1. ``as_json`` writes a list of objects
    with ``check``, ``state`` and ``text``.
    """
    out = out or sys.stdout
    try:
        config = load(config_file)
    except ConfigError as error:
        say = Say("zh")
        findings = [Finding("config", "bad", line) for line in str(error).splitlines()]
    else:
        say = Say(config.hotline.language)
        findings = examine(config, config_file, say)
    if as_json:
        out.write(json.dumps([finding.data() for finding in findings], ensure_ascii=False) + "\n")
    else:
        _show(findings, say, out)
    return 0 if all_well(findings) else 1


def examine(config: Config, config_file: Path, say: Say) -> list[Finding]:
    """Every check, in the order in which their faults explain each other."""
    secret, first = _secret(config, config_file, say)
    pbx = ask_pbx(config, secret) if secret is not None else PbxFacts()
    database = ask_database(config)
    return [
        first,
        *judge_pbx(config, pbx, say),
        judge_clocks(config, pbx, database, time.time(), say),
        check_disk(config, say),
        judge_database(config, database, say),
        check_speech(config, say),
        check_prompts(config, say),
        check_calendar(config, time.time(), say),
        check_agi(config, say),
        check_web(config, say),
        judge_fallback(pbx, database, say),
    ]


def _secret(config: Config, config_file: Path, say: Say) -> tuple[str | None, Finding]:
    """AMI's secret, and what is to be said of the configuration."""
    good = Finding("config", "good", say("config.good", path=config_file))
    if config.pbx.ami_secret:
        return config.pbx.ami_secret, good
    path = config.hotline.data_dir / FILE
    if not path.exists():
        return None, Finding("config", "bad", say("secrets.absent", path=path))
    try:
        return load_or_make(config).ami, good
    except ConfigError as error:
        return None, Finding("config", "bad", str(error))


def _show(findings: list[Finding], say: Say, out: TextIO) -> None:
    console = Console(file=out, highlight=False)
    if not console.is_terminal:
        for finding in findings:
            state, name = say(f"state.{finding.state}"), say(f"check.{finding.check}")
            out.write(f"{state}\t{name}\t{finding.text}\n")
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    # Chinese has no spaces to break a line at.
    table.add_column(overflow="fold")
    for finding in findings:
        mark = Text(say(f"state.{finding.state}"), style=_STYLES[finding.state])
        table.add_row(mark, Text(say(f"check.{finding.check}")), Text(finding.text))
    console.print(table)
