"""A scenario's file: what it means, and how faults in it are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
import yaml
from typer.testing import CliRunner

from hotline.acd.model import Need, OverflowRule, Ring
from hotline.cli import app
from hotline.simulation.building import build
from hotline.simulation.durations import Constant, Exponential, Forever, Lognormal
from hotline.simulation.file import PeriodPart, ScenarioFile, schema_text
from hotline.simulation.model import Rate, Rates, Scenario, ScenarioFault
from hotline.simulation.reading import read
from hotline.simulation.recorded import Recorded

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "monday.yaml"
SMALL = """
day: {from: "08:00", until: "10:00"}
replications: 3
queues: {hotline: {}}
calls: [{queue: hotline, per_hour: 60, talk: {exponential: 120}}]
agents: [{name: day, by_interval: [{from: "08:00", agents: 3}], queues: {hotline: 1}}]
"""


def no_journal(period: PeriodPart, queue: str) -> Recorded:
    raise AssertionError("the file names no period")


def built(**changes: Any) -> Scenario:
    return build(ScenarioFile.model_validate(yaml.safe_load(SMALL) | changes), no_journal)


def simulate(*options: object) -> Any:
    return CliRunner().invoke(app, ["simulate", *map(str, options)])


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def test_agents_by_interval_become_shifts_of_the_same_agents() -> None:
    rows = [{"from": "08:00", "agents": 1}, {"from": "09:00", "agents": 2}]
    rows += [{"from": "09:30", "agents": 1}]
    shifts = built(agents=[{"name": "x", "by_interval": rows, "queues": {"hotline": 4}}]).shifts
    assert [(shift.agent_id, shift.spans) for shift in shifts] == [
        ("x-1", ((28_800, 36_000),)),
        ("x-2", ((32_400, 34_200),)),
    ]
    assert shifts[0].weights == {"hotline": 4}


def test_rates_hold_until_the_next_row_within_the_day() -> None:
    rows = [{"from": "07:00", "per_hour": 5}, {"from": "09:00", "per_hour": 50}]
    calls = {"queue": "hotline", "by_interval": rows, "talk": {"constant": 60}}
    assert built(calls=[calls]).calls[0].arrivals == Rates(
        (Rate(28_800, 32_400, 5), Rate(32_400, 36_000, 50))
    )


def test_every_part_of_a_file_reaches_the_scenario() -> None:
    scenario = build(read(EXAMPLE), no_journal)
    hotline, dialect = scenario.calls
    assert hotline.talk == Lognormal(180, 120)
    assert (hotline.wrap_up, hotline.patience) == (Exponential(60), Exponential(180))
    assert (hotline.answer, dialect.answer) == (Constant(4), Constant(0))
    assert dialect.requires == (Need("dialect", 2),)
    assert scenario.queues["dialect"].overflow == (OverflowRule("wait", 60, "queue:hotline"),)
    assert scenario.shifts[-1].skills == {"dialect": 2}


def test_rings_and_strategies_are_those_of_production() -> None:
    rings = [{"after_s": 0, "weight": 5}, {"after_s": 20}]
    rules = built(queues={"hotline": {"strategy": "best_skill", "rings": rings}}).queues["hotline"]
    assert rules.strategy == "best_skill"
    assert rules.rings == (Ring(0, 5), Ring(20, 1))


def test_callers_without_patience_given_wait_for_ever() -> None:
    assert built().calls[0].patience == Forever()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"calls": [{"queue": "hotline", "talk": {"constant": 1}}]}, "exactly one of per_hour"),
        ({"calls": [{"queue": "x", "per_hour": 1, "talk": {"constant": 1}}]}, "no queue 'x'"),
        ({"calls": [{"queue": "hotline", "per_hour": -1, "talk": {"constant": 1}}]}, "per_hour"),
        ({"calls": [{"queue": "hotline", "per_hour": 1, "talk": {}}]}, "exactly one of constant"),
        (
            {"calls": [{"queue": "hotline", "per_hour": 1, "talk": {"journal": True}}]},
            "calls that come from the journal",
        ),
        ({"day": {"from": 480, "until": "10:00"}}, "a time of day in quotes"),
        ({"day": {"from": "10:00", "until": "09:00"}}, "must end after it begins"),
        ({"agents": [{"name": "a", "queues": {"hotline": 1}}]}, "either by_interval or shifts"),
        ({"queues": {"hotline": {"ring": 5}}}, "queues.hotline.ring"),
        ({"queues": {"hotline": {"rings": [{"after_s": 5}]}}}, "rings must start at 0"),
        ({"queue": {}}, "queue"),
        ({"replications": 0}, "replications"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(SMALL) | change), encoding="utf-8")
    done = simulate(path, "--json")
    assert done.exit_code == 2
    assert said in done.stderr
    assert not done.stdout


BAD = """\
day: {from: "08:00", until: "10:00"}
queues:
  hotline:
    overflow: [{when: wait, value: 60, to: "queue:other"}]
calls:
  - queue: hotlin
    per_hour: 60
    talk: {exponential: 120}
agents:
  - name: day
    shifts:
      - {from: "08:00", until: "09:30"}
      - {from: "09:00", until: "10:00"}
    queues: {hotline: 1}
"""
MENDED = BAD.replace("other", "hotline").replace("hotlin\n", "hotline\n").replace("09:30", "09:00")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("60\n", "many\n", ":7: calls.0.per_hour: Input should be a valid number"),
        ("per_hour", "perhour", ":7: calls.0.perhour: no such name is known here; is 'per_hour'"),
        ("talk: {exponential: 120}", "talk: 120", ":8: calls.0.talk: needs names with values"),
        ("120}", "120}\n    talk: {constant: 3}", ":9: 'talk' is given twice, first in line 8"),
        ("120}", "120}\n    patience: long", ":9: calls.0.patience: write none, or a duration"),
        ("60\n", "60\n\tx: y\n", ":8: is not YAML: while"),
        ('"10:00"}\n    q', '"09:00"}\n    q', ":13: agents.0.shifts.1: must end after it begins"),
        ('"queue:hotline"', '"queue:x"', ":4: queues.hotline.overflow.0.to: there is no queue 'x'"),
        ("{hotline: 1}", "{x: 1}", ":14: agents.0.queues.x: there is no queue 'x'; there are hot"),
        (
            "    per_hour: 60\n",
            '    journal: {day: "2026-02-30"}\n',
            ":7: calls.0.journal.day: 202",
        ),
        ("queues:\n  hotline", "warm_up_minutes: 120\nqueues:\n  hotline", ":2: warm_up_minutes"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "bad.yaml"
    assert old in MENDED
    path.write_text(MENDED.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ScenarioFault) as told:
        read(path)
    (line,) = str(told.value).splitlines()
    assert line.startswith(f"{path}{said}")


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(MENDED, encoding="utf-8")
    assert read(path).agents[0].name == "day"
    path.write_text(BAD.replace("09:30", "09:00"), encoding="utf-8")
    with pytest.raises(ScenarioFault) as told:
        read(path)
    assert [line.split(":")[1] for line in str(told.value).splitlines()] == ["6", "4"]


def test_deep_nesting_and_yaml_s_own_dates_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "deep.yaml"
    path.write_text("queues: " + "[" * 5000 + "]" * 5000, encoding="utf-8")
    with pytest.raises(ScenarioFault, match="nested too deeply"):
        read(path)
    path.write_text(MENDED.replace("per_hour: 60", "journal: {day: 2026-02-03}"), encoding="utf-8")
    assert read(path).calls[0].journal == PeriodPart(day="2026-02-03")


def test_the_example_can_be_played_and_begun_with(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(simulate("--example").stdout, encoding="utf-8")
    told = json.loads(simulate(path, "--json", "--replications", 2).stdout)
    assert set(told["queues"]) == {"hotline", "dialect"}
    assert told["total"]["answered"]["mean"] > 0


def test_the_published_schema_is_that_of_the_files() -> None:
    published = (EXAMPLE.parent / "scenario.schema.json").read_text(encoding="utf-8")
    assert published == schema_text() == simulate("--schema").stdout, (
        "write it anew: hotline simulate --schema > docs/examples/scenario.schema.json"
    )


def test_without_a_file_it_says_how_to_come_by_one() -> None:
    done = simulate()
    assert done.exit_code == 2
    assert "--example" in done.stderr


def test_nobody_on_duty_serves_nobody(tmp_path: Path) -> None:
    path = tmp_path / "empty.yaml"
    text = MENDED[: MENDED.index("agents:")]
    path.write_text(text + "agents: []\nreplications: 2\n", encoding="utf-8")
    total = json.loads(simulate(path, "--json").stdout)["total"]
    assert total["answered"]["mean"] == 0 < total["offered"]["mean"]
    assert total["occupancy"] is None


def test_files_that_are_no_scenario_are_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioFault, match="cannot be read"):
        read(tmp_path / "missing.yaml")
    path = tmp_path / "x.yaml"
    for text, said in (("a: [", "is not YAML"), ("- 1", "names and values"), ("\0", "YAML")):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ScenarioFault, match=said):
            read(path)


def test_json_has_the_published_keys_and_no_progress(small: Path) -> None:
    done = simulate(small, "--json")
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    told = json.loads(done.stdout)
    measured = {
        *("offered", "answered", "abandoned", "overflowed", "waiting", "within", "longest_s"),
        *("p50_wait_s", "p90_wait_s", "p95_wait_s", "service_level", "abandon_share"),
        *("delayed_share", "asa_s", "occupancy", "agents"),
    }
    assert set(told["total"]) == measured
    assert set(told["intervals"][0]) == measured | {"from", "until"}
    assert [span["from"] for span in told["intervals"]] == ["08:00", "08:30", "09:00", "09:30"]
    level = told["total"]["service_level"]
    assert set(level) == {"numerator", "denominator", "mean", "ci95", "ci99"}
    assert level["mean"] == pytest.approx(level["numerator"] / level["denominator"])
    assert level["ci99"][0] <= level["ci95"][0] <= level["mean"] <= level["ci95"][1]
    assert [agent["agent_id"] for agent in told["agents"]] == ["day-1", "day-2", "day-3"]
    assert (told["replications"], told["seed"]) == (3, 12319)


def test_options_go_before_the_file(small: Path) -> None:
    told = json.loads(simulate(small, "--json", "--replications", 2, "--seed", 5).stdout)
    assert (told["replications"], told["seed"]) == (2, 5)


def test_the_table_names_what_the_level_is_of(small: Path) -> None:
    done = simulate(small)
    assert done.exit_code == 0, done.output
    assert "In time: answered within the limit (hotline 15 s), of all offered." in done.stdout
    assert "day-3" in done.stdout


def test_the_picture_is_an_svg_of_every_interval(small: Path, tmp_path: Path) -> None:
    picture = tmp_path / "day.svg"
    assert simulate(small, "--json", "--svg", picture).exit_code == 0
    root = Xml.fromstring(picture.read_text(encoding="utf-8"))  # noqa: S314 (our own drawing)
    words = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"08:00", "09:00", "10:00", "limit 15 s", "target 95%"} <= set(words)


def test_a_picture_that_cannot_be_written_is_told(small: Path, tmp_path: Path) -> None:
    done = simulate(small, "--json", "--svg", tmp_path / "nowhere" / "day.svg")
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr
