"""``hotline flow``: a flow is checked, drawn and walked in a terminal."""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from hotline.cli import app
from hotline.ivr.flow_cli import schema_text
from hotline.ivr.library import shipped_flows
from hotline.ivr.model import FlowSet, PublishedFlow
from hotline.ivr.trying import Trial
from tests.ivr.ground import shipped

ROOT = Path(__file__).parents[3]
BAD = ROOT / "tests" / "unit" / "ivr" / "bad_flows"
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def flows() -> FlowSet:
    return {name: PublishedFlow(name, 0, flow) for name, flow in shipped().items()}


def trial(flows: FlowSet, entry: str, **facts: object) -> Trial:
    texts = {"zh": {"menu-main": "投诉请按一", "goodbye": "再见"}}
    return Trial(flows, entry, texts, lambda name, _now: facts.get(name), SHANGHAI, 1_790_000_000.0)


def entered(lines: list[str]) -> list[str]:
    return [line.split()[2] for line in lines if "→" in line]


def test_a_caller_who_types_a_key_goes_where_it_leads(flows: FlowSet) -> None:
    call = trial(flows, "menu")
    assert entered(call.handle(""))[-1] == "main"
    assert entered(call.handle("4")) == ["message"]
    assert call.handle("saved")[-1].endswith("通话结束。")
    assert call.over


def test_a_caller_who_does_nothing_three_times_goes_to_a_person(flows: FlowSet) -> None:
    call = trial(flows, "menu")
    call.handle("")
    assert entered(call.handle("") + call.handle("") + call.handle("")) == ["duty", "wait"]


def test_the_clock_can_be_moved_past_what_is_due(flows: FlowSet) -> None:
    call = trial(flows, "menu")
    call.handle("")
    assert entered(call.handle("t+120")) == ["duty", "wait"]


def test_a_time_before_the_call_decides_what_the_caller_meets(flows: FlowSet) -> None:
    asked: list[float] = []

    def fact(name: str, now: float) -> object:
        if name == "queue.hotline.open":
            asked.append(now)
        return None

    call = Trial(flows, "default", {}, fact, SHANGHAI, 0.0)
    call.handle("at 2026-10-01 09:00")
    call.handle("")
    assert 0 <= asked[0] - 1_790_816_400 < 60


def test_a_closed_queue_leads_to_a_report(flows: FlowSet) -> None:
    call = trial(flows, "default")
    call.handle("closed")
    assert entered(call.handle(""))[-1] == "out-of-hours"


def test_a_storm_that_is_set_is_told_and_registered_for_by_a_key(flows: FlowSet) -> None:
    call = trial(flows, "menu")
    call.handle("set storm.active=yes")
    assert entered(call.handle(""))[-1] == "storm/known"
    assert entered(call.handle("1")) == ["storm/register"]
    assert "storm/registered" in entered(call.handle("registered"))


def test_a_hang_up_ends_the_call(flows: FlowSet) -> None:
    call = trial(flows, "menu")
    call.handle("")
    assert call.handle("h") == ["来电者挂机。"]
    assert call.over


def test_what_is_not_understood_changes_nothing(flows: FlowSet) -> None:
    call = trial(flows, "menu")
    call.handle("")
    assert "看不懂" in call.handle("press one")[0]
    assert entered(call.handle("4")) == ["message"]


# --- the command line -------------------------------------------------------------------------


def test_the_shipped_flows_are_sound() -> None:
    done = CliRunner().invoke(app, ["flow", "check", *shipped_flows(), "--language", "en"])
    assert done.exit_code == 0
    assert done.output.splitlines()[-1].endswith("errors: 0, warnings: 0")


def test_a_check_names_file_line_and_node_and_ends_with_1() -> None:
    path = str(BAD / "dangling.yaml")
    done = CliRunner().invoke(app, ["flow", "check", path, "--language", "en"])
    assert done.exit_code == 1
    assert done.output.startswith(f"{path}:8:a: error: Exit next leads to “wiat”")


def test_a_check_for_programs_is_json() -> None:
    done = CliRunner().invoke(app, ["flow", "check", str(BAD / "trap.yaml"), "--json"])
    (finding,) = json.loads(done.output)
    assert (finding["line"], finding["node"], finding["code"]) == (8, "a", "trap")


def test_a_drawing_is_written_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "menu.svg"
    done = CliRunner().invoke(app, ["flow", "draw", "menu", "-o", str(path)])
    assert done.exit_code == 0
    assert 'id="node-main"' in path.read_text(encoding="utf-8")


def test_a_flow_is_walked_from_a_file_of_lines() -> None:
    done = CliRunner().invoke(app, ["flow", "try", "menu"], input="open\n\n4\nempty\n")
    assert done.exit_code == 0
    assert "→ message" in done.output
    assert "通话结束" in done.output


def test_a_file_that_is_not_there_ends_in_a_plain_line() -> None:
    done = CliRunner().invoke(app, ["flow", "draw", "nowhere.yaml"])
    assert done.exit_code == 2


def test_a_drawing_that_cannot_be_written_ends_in_a_plain_line(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "menu.svg"
    done = CliRunner().invoke(app, ["flow", "draw", "menu", "-o", str(path)])
    assert done.exit_code == 2
    assert "--output" in done.stderr


def test_a_time_that_does_not_exist_is_refused_before_and_in_a_call(flows: FlowSet) -> None:
    done = CliRunner().invoke(app, ["flow", "try", "menu", "--at", "2026-02-30 09:00"])
    assert done.exit_code == 2
    assert "--at" in done.stderr
    call = trial(flows, "menu")
    call.handle("")
    assert "看不懂" in call.handle("at 2026-02-30 09:00")[-1]


# --- the schema -------------------------------------------------------------------------------


def test_the_published_schema_is_the_models() -> None:
    published = (ROOT / "docs" / "flow.schema.json").read_text(encoding="utf-8")
    assert published == schema_text(), "write it anew: hotline flow schema > docs/flow.schema.json"


@pytest.mark.parametrize("name", sorted(shipped_flows()))
def test_a_shipped_flow_is_valid_by_the_published_schema(name: str) -> None:
    schema = json.loads(schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    # As an editor reads it: YAML 1.2, where "on" is a word.
    text = shipped_flows()[name].replace(" on: ", ' "on": ')
    jsonschema.validate(yaml.safe_load(text), schema)


def test_the_guides_first_example_is_sound(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "flows.md").read_text(encoding="utf-8")
    path = tmp_path / "small.yaml"
    path.write_text(guide.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    done = CliRunner().invoke(app, ["flow", "check", str(path), "--language", "en"])
    assert done.output.splitlines() == ["flows: 1, errors: 0, warnings: 0"]
