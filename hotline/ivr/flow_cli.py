"""``hotline flow``: flows checked, drawn and tried without a running hotline."""

# Each command imports what it needs, so that each starts quickly.
# ruff: noqa: PLC0415

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.command import DEFAULT, ConfigPath, fail, load_config

if TYPE_CHECKING:
    from hotline.config import Config
    from hotline.ivr.findings import Finding
    from hotline.ivr.model import Flow, FlowSet

app = typer.Typer(help="What callers are led through.", no_args_is_help=True)

Files = Annotated[list[str], typer.Argument(help="Files, or names of shipped flows.")]
File = Annotated[str, typer.Argument(help="A file, or the name of a shipped flow.")]
Language = Annotated[str, typer.Option(help="zh or en.")]
PlanFile = Annotated[
    Path | None,
    typer.Option("--plan", metavar="FILE", help="A routing plan in YAML, not the published one."),
]


@app.command()
def check(
    files: Files,
    config: ConfigPath = DEFAULT,
    language: Language = "zh",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    plan: PlanFile = None,
) -> None:
    """Name line and node of every problem. Exit code 1: there are errors."""
    texts = {file: _text(file) for file in files}
    loaded = _config(config)
    queues, unsure = _queues(loaded, plan, _known(language))
    told = _checked(texts, loaded, queues)
    if as_json:
        print(json.dumps([_as_json(f, file, language) for file, f in told], ensure_ascii=False))
    else:
        for file, finding in told:
            print(_line(file, finding, _known(language)))
    errors = sum(finding.severity == "error" for _, finding in told)
    if not as_json:
        print(_summary(len(files), errors, len(told) - errors, language))
    if unsure and any(finding.code == "unknown-queue" for _, finding in told):
        print(unsure, file=sys.stderr)
    raise typer.Exit(1 if errors else 0)


@app.command()
def draw(
    file: File,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="An SVG file.")] = None,
    config: ConfigPath = DEFAULT,
    language: Language = "zh",
    plan: PlanFile = None,
) -> None:
    """Draw a flow as SVG, with what the check found."""
    from hotline.ivr.draw import draw as drawn

    text = _text(file)
    flow = _read(text, file)
    loaded = _config(config)
    queues, _ = _queues(loaded, plan, _known(language))
    findings = [finding for _, finding in _checked({file: text}, loaded, queues)]
    svg = drawn(flow, language=_known(language), findings=findings)
    if output is None:
        sys.stdout.write(svg)
    else:
        try:
            output.write_text(svg, encoding="utf-8")
        except OSError as error:
            raise fail(f"--output {output} cannot be written: {error}") from error


@app.command("try")
def try_(
    file: File,
    config: ConfigPath = DEFAULT,
    language: Language = "zh",
    at: Annotated[str, typer.Option(help="Begin at this time: 2026-10-01 09:00.")] = "",
) -> None:
    """Walk a flow in the terminal: type keys, move the clock, hang up. ? tells how."""
    from hotline.ivr.model import PublishedFlow
    from hotline.ivr.trying import Trial

    loaded = _config(config)
    flow = _read(_text(file), file)
    flows = {**_shipped(), flow.flow: PublishedFlow(flow.flow, 0, flow)}
    texts = _prompt_texts(loaded)
    zone = loaded.zone
    trial = Trial(flows, flow.flow, texts, _facts(loaded), zone, time.time(), _known(language))
    if at and trial.moment(at) is None:
        raise fail(f"--at {at!r} is no date and time such as 2026-10-01 09:00")
    for line in [trial.handle("?"), trial.handle(f"at {at}") if at else []]:
        _show(line)
    _talk(trial.handle, lambda: trial.over)


@app.command()
def schema() -> None:
    """The flow language's JSON Schema, for editors."""
    print(schema_text(), end="")


@app.command("list")
def list_(language: Language = "zh") -> None:
    """The shipped flows."""
    for name, published in sorted(_shipped().items()):
        flow = published.flow
        titles: Mapping[str, str] = {str(key): title for key, title in flow.title.items()}
        title = titles.get(_known(language)) or next(iter(titles.values()))
        print(f"{name:<18}{len(flow.nodes):>4}  {'+'.join(flow.languages):<7}{title}")


def schema_text() -> str:
    """The schema as it is published in ``docs/flow.schema.json``."""
    from hotline.ivr.model import json_schema

    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


# --- what the commands share -----------------------------------------------------------------

_NO_PLAN = {
    "zh": "这里没有路由方案：只认得配置里的队列“{queue}”。可用 --plan 指定路由方案文件。",
    "en": "There is no routing plan here, so only the configured queue “{queue}” is known; "
    "a plan's file can be named by --plan.",
}
_NO_DATABASE = {
    "zh": "数据库读不了（{why}）：只认得配置里的队列“{queue}”。可用 --plan 指定路由方案文件。",
    "en": "The database cannot be read ({why}), so only the configured queue “{queue}” is known; "
    "a plan's file can be named by --plan.",
}


def _config(path: Path) -> Config:
    from hotline.config import Config

    # Flows can be written on a machine that has no hotline: then the defaults hold.
    return load_config(path) if path.exists() or path != DEFAULT else Config()


def _known(language: str) -> str:
    if language not in ("zh", "en"):
        raise fail(f"no language is called {language!r}; there are zh and en")
    return language


def _text(file: str) -> str:
    from hotline.ivr.library import shipped_flows

    shipped = shipped_flows()
    if file in shipped and not Path(file).exists():
        return shipped[file]
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise fail(f"{file}: cannot be read: {error}") from error


def _read(text: str, file: str) -> Flow:
    from hotline.ivr.findings import FlowFaults
    from hotline.ivr.reading import read_flow

    try:
        return read_flow(text, file)
    except FlowFaults as faults:
        raise fail("\n".join(_line(file, f, "zh") for f in faults.findings)) from faults


def _shipped() -> FlowSet:
    from hotline.ivr.library import shipped_flows
    from hotline.ivr.model import PublishedFlow
    from hotline.ivr.reading import read_flow

    return {name: PublishedFlow(name, 0, read_flow(text)) for name, text in shipped_flows().items()}


def _queues(config: Config, plan: Path | None, language: str) -> tuple[Collection[str] | None, str]:
    """The queues that flows may name. None: only the configured one is known, and the words say
    why; then others are called unknown that may be there."""
    import asyncio

    from hotline.routing.configured import plan_in_force
    from hotline.routing.reading import PlanFaults, parse_plan
    from hotline.storage.database import DatabaseUnavailable

    try:
        if plan is not None:
            return parse_plan(plan.read_text(encoding="utf-8")).by_queue, ""
        found = asyncio.run(plan_in_force(config))
    except PlanFaults as error:
        lines = (f"{plan}: {finding.text(language)}" for finding in error.findings)
        raise fail("\n".join(lines)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise fail(f"{plan}: cannot be read: {error}") from error
    except DatabaseUnavailable as error:
        return None, _NO_DATABASE[language].format(queue=config.queue.name, why=error.why)
    if found is None:
        return None, _NO_PLAN[language].format(queue=config.queue.name)
    return found.plan.by_queue, ""


def _checked(
    texts: Mapping[str, str], config: Config, queues: Collection[str] | None
) -> list[tuple[str, Finding]]:
    """Every finding with its file. Flows that are checked together may call each other."""
    from dataclasses import replace

    from hotline.ivr.check import begins_calls, check_text
    from hotline.ivr.configured import configured_ground
    from hotline.ivr.findings import FlowFaults
    from hotline.ivr.reading import read_flow

    flows = {name: published.flow for name, published in _shipped().items()}
    for text in texts.values():
        try:
            flow = read_flow(text)
        except FlowFaults:
            # It is told of below, with its lines.
            continue
        flows[flow.flow] = flow
    ground = replace(configured_ground(config, queues=queues), flows=flows)
    return [
        (file, finding)
        for file, text in texts.items()
        for finding in check_text(text, ground, begins=begins_calls).findings
    ]


def _line(file: str, finding: Finding, language: str) -> str:
    place = f"{file}:{finding.line}:{finding.node + ':' if finding.node else ''}"
    severity = {"zh": {"error": "错误", "warning": "提醒"}}.get(language, {})
    return f"{place} {severity.get(finding.severity, finding.severity)}: {finding.text(language)}"


def _as_json(finding: Finding, file: str, language: str) -> dict[str, object]:
    return {
        "file": file,
        "line": finding.line,
        "node": finding.node,
        "code": finding.code,
        "severity": finding.severity,
        "text": finding.text(_known(language)),
    }


def _summary(files: int, errors: int, warnings: int, language: str) -> str:
    if language == "zh":
        return f"{files} 个流程：{errors} 个错误，{warnings} 个提醒"
    return f"flows: {files}, errors: {errors}, warnings: {warnings}"


def _prompt_texts(config: Config) -> dict[str, dict[str, str]]:
    from hotline.ivr.prompts.catalogue import Wording, catalogue

    texts: dict[str, dict[str, str]] = {}
    for prompt in catalogue(Wording.of(config)):
        texts.setdefault(prompt.language, {})[prompt.name] = prompt.text
    return texts


def _facts(config: Config) -> Callable[[str, float], object]:
    """What a configuration knows by itself: duty hours, holidays, the key for a report."""
    from hotline.calendar.hours import every_day
    from hotline.calendar.model import DutyCalendar, QueueHours

    queue = config.queue.name
    calendar = DutyCalendar(config.zone, {queue: QueueHours(every_day(config.queue.open))})

    def fact(name: str, now: float) -> object:
        day = calendar.day(now)
        known: dict[str, Callable[[], object]] = {
            f"queue.{queue}.open": lambda: calendar.is_open(queue, now),
            f"queue.{queue}.staffed": lambda: True,
            f"queue.{queue}.waiting": lambda: 0,
            "calendar.holiday": lambda: day.name,
            "calendar.holiday_en": lambda: day.name_en,
            "calendar.workday": lambda: day.worked,
            "calendar.known": lambda: day.known,
            "storm.active": lambda: False,
            "caller.rule": lambda: "none",
            "hotline.report_key": lambda: config.queue.report_key or None,
        }
        return known[name]() if name in known else None

    return fact


def _show(lines: list[str]) -> None:
    for line in lines:
        print(line, flush=True)


def _talk(handle: Callable[[str], list[str]], over: Callable[[], bool]) -> None:
    """Lines from the terminal, or from a file, until the call is over or the input ends."""
    interactive = sys.stdin.isatty()
    while not over():
        try:
            line = input("> " if interactive else "")
        except EOFError:
            _show(handle("h"))
            return
        if not interactive:
            print(f"> {line}")
        _show(handle(line))
