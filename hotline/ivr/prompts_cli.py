"""``hotline prompts``: what callers hear, listed, made, recorded and taken back."""

# Each command imports what it needs, so that each starts quickly.
# ruff: noqa: PLC0415

from __future__ import annotations

import getpass
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.command import DEFAULT, ConfigPath, fail, faults, load_config

if TYPE_CHECKING:
    from hotline.ivr import prompts
    from hotline.ivr.prompts.recorded import Verdict

app = typer.Typer(help="What callers hear. Without a command: list.")

Language = Annotated[str, typer.Option(help="zh or en.")]
Some = Annotated[str | None, typer.Option("--language", help="Only this language.")]
Name = Annotated[str, typer.Argument(help="The prompt, such as greeting.")]
SOUND = frozenset({"synthetic", "recorded"})
STATES = (*sorted(SOUND), "missing", "stale", "unusable")


@dataclass(frozen=True, slots=True)
class _Room:
    """The configured prompts."""

    folder: Path
    wording: prompts.Wording
    voice: prompts.Voice

    @classmethod
    def of(cls, path: Path) -> _Room:
        from hotline.ivr import prompts

        config = load_config(path)
        folder = config.hotline.data_dir / "prompts"
        return cls(folder, prompts.Wording.of(config), prompts.voice_of(config))

    def statuses(self, language: str | None) -> list[prompts.PromptStatus]:
        from hotline.ivr import prompts

        languages = prompts.LANGUAGES if language is None else [_known(language)]
        return prompts.status(self.folder, languages, self.wording, self.voice)

    def prompt(self, name: str, language: str) -> prompts.Prompt:
        from hotline.ivr import prompts

        for prompt in prompts.catalogue(self.wording, [_known(language)]):
            if prompt.name == name:
                return prompt
        raise fail(f"no prompt is called {name!r}; hotline prompts list names them all")


@app.callback(invoke_without_command=True)
def default(context: typer.Context, config: ConfigPath = DEFAULT) -> None:
    """What callers hear: synthetic, recorded, stale or missing."""
    if context.invoked_subcommand is None:
        listing(config=config)


@app.command("list")
def listing(
    language: Some = None,
    state: Annotated[str | None, typer.Option(help="Only these: stale, recorded…")] = None,
    pieces: Annotated[bool, typer.Option(help="The pieces of numbers and dates too.")] = False,
    config: ConfigPath = DEFAULT,
) -> None:
    """How each prompt stands. Exit code 1: some cannot be played or say something else."""
    if state is not None and state not in STATES:
        raise fail(f"--state {state!r} is none of {', '.join(STATES)}")
    with faults(OSError):
        statuses = _Room.of(config).statuses(language)
    for one in statuses:
        shown = one.state == state if state else pieces or not _is_sound_piece(one)
        if shown:
            seconds = "" if one.seconds is None else f"{one.seconds:.1f} s"
            told = one.why or _origin(one)
            print(f"{one.key:<28}{one.state:<12}{seconds:<8}{told}".rstrip())
    counts = Counter(one.state for one in statuses)
    print(", ".join(f"{count} {name}" for name, count in sorted(counts.items())))
    if set(counts) - SOUND:
        raise typer.Exit(1)


@app.command()
def make(config: ConfigPath = DEFAULT) -> None:
    """Speak the prompts that are missing or whose text changed."""
    from hotline.ivr import prompts
    from hotline.speech.synthesis import SynthesisFault

    room = _Room.of(config)
    with faults(SynthesisFault, OSError):
        report = prompts.build(room.folder, progress=print, wording=room.wording, voice=room.voice)
    print(
        f"{len(report.made)} made, {len(report.unchanged)} unchanged, "
        f"{len(report.recorded)} recorded, {report.seconds:.1f} s"
    )


@app.command("import")
def import_(
    name: Name,
    file: Annotated[Path, typer.Argument(help="A WAV file.")],
    language: Language = "zh",
    config: ConfigPath = DEFAULT,
) -> None:
    """Put a recording in a prompt's place, after it was checked and levelled."""
    from hotline.ivr import prompts

    room = _Room.of(config)
    prompt = room.prompt(name, language)
    origin = prompts.Origin("command", getpass.getuser(), time.time())
    try:
        with faults(OSError):
            verdict = prompts.replace(room.folder, prompt, file, origin)
    except prompts.Refused as refused:
        _tell(refused.verdict)
        raise fail(f"{prompt.key} is as it was") from refused
    _tell(verdict)
    print(f"{prompt.key} is recorded; callers hear it from now on")


@app.command()
def revert(
    name: Name,
    language: Language = "zh",
    synthetic: Annotated[bool, typer.Option(help="Not the recording before, the voice.")] = False,
    config: ConfigPath = DEFAULT,
) -> None:
    """Take a recording back: the one before it, else the synthetic prompt, is heard again."""
    from hotline.ivr import prompts
    from hotline.speech.synthesis import SynthesisFault

    room = _Room.of(config)
    prompt = room.prompt(name, language)
    try:
        with faults(SynthesisFault, OSError):
            now = prompts.revert(room.folder, prompt, room.voice, synthetic=synthetic)
    except prompts.NothingToRevert as error:
        raise fail(f"{prompt.key} was never recorded: there is nothing to take back") from error
    print(f"{prompt.key} is {now.state} again")


@app.command()
def export(
    into: Annotated[Path, typer.Argument(help="The file to write.")],
    language: Some = None,
    config: ConfigPath = DEFAULT,
) -> None:
    """Write the script for a recording studio, as tab-separated values."""
    from hotline.ivr.prompts.sheet import write_sheet

    with faults(OSError):
        statuses = _Room.of(config).statuses(language)
        with into.open("w", encoding="utf-8", newline="") as file:
            write_sheet(statuses, file)
    print(f"{len(statuses)} prompts in {into}")


def _known(language: str) -> str:
    from hotline.ivr.prompts import LANGUAGES

    if language not in LANGUAGES:
        raise fail(f"{language!r} is no language of the prompts: {' or '.join(LANGUAGES)}")
    return language


def _is_sound_piece(one: prompts.PromptStatus) -> bool:
    return one.prompt.is_piece and one.state == "synthetic"


def _origin(one: prompts.PromptStatus) -> str:
    return f"by {one.how}, {one.by}" if one.how else ""


def _tell(verdict: Verdict) -> None:
    from hotline.web.catalogue import load_catalogue

    texts = load_catalogue()
    for finding in verdict.findings:
        text = texts.text("en", f"prompts.finding.{finding.key}", **dict(finding.values))
        print(f"{'fault' if finding.fault else 'note'}: {text}")
