"""The life as data: what is wrong with one, how it is drawn, and a city's own."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from hotline.cli import app
from hotline.config import ConfigError, load
from hotline.registry.life import drawing
from hotline.registry.life.check import checked, faults
from hotline.registry.life.machine import BadMachine, Machine, default_text, read
from hotline.registry.life.model import FINAL, Action, State

DRAWN = Path(__file__).resolve().parents[4] / "docs/case-life.md"
SHIPPED = checked()


def test_the_drawing_and_the_table_in_the_documentation_are_the_shipped_life() -> None:
    words = DRAWN.read_text(encoding="utf-8")
    assert drawing.mermaid(SHIPPED) in words
    assert drawing.table(SHIPPED) in words


def test_the_picture_shows_every_state_and_every_way_between_two() -> None:
    picture = drawing.svg(SHIPPED)
    assert all(f"{state.zh} {name}" in picture for name, state in SHIPPED.states.items())
    ways = {
        (s.source, t)
        for s in SHIPPED.steps
        if not s.stays and s.action not in drawing.ANYWHERE
        for t in SHIPPED.targets(s)
    }
    assert picture.count('class="w"') == len(ways)


def test_every_action_has_a_step_and_a_name() -> None:
    assert {step.action for step in SHIPPED.steps} == set(Action)
    assert set(drawing.ACTIONS) == set(Action)


@pytest.mark.parametrize("state", State)
def test_a_case_that_ended_is_not_edited(state: State) -> None:
    assert SHIPPED.may_edit(state, "agent") is (state not in FINAL)
    assert not SHIPPED.may_edit(state, "callback")
    assert not SHIPPED.may_edit(state, "unit")
    # Who verifies a report writes down what they heard, and changes nothing later.
    assert SHIPPED.may_edit(state, "checker") is (state == State.TO_VERIFY)


def changed(old: str, new: str) -> Machine:
    text = default_text()
    assert old in text
    return read(text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  to_rule: {zh", "  to_judge: {zh", "'to_rule' is not known"),
        ("roles: [desk, checker]", "roles: [desk, wizard]", "'wizard' is not known"),
        ("needs: [kind]", "needs: [kindness]", "'kindness' is not known"),
        ("starts: [to_file, to_verify]", "starts: [to_file]", "cases begin at to_verify"),
        ("to: not_filed, roles: [desk], why: true", "to: not_filed, roles: [desk]", "the reason"),
        ("to: to_handle, roles: [command], needs: [unit]", "to: to_handle, roles: [command]",
         "it must need unit"),
        ("roles: [callback, supervisor], why: true", "roles: [supervisor], why: true",
         "a callback must be able to reopen in closed"),
        ("{action: accept, from: [to_handle], to: handling",
         "{action: accept, from: [to_handle], to: same", "it must lead elsewhere"),
        ("{action: resume, from: [suspended], to: back", "{action: resume, from: [suspended], "
         "to: same", "suspended"),
        ("owners: [checker]", "owners: [callback]", "who cannot take it on"),
        ("closed: {zh: 已结案, en: Closed, owners: [callback], final: true}",
         "closed: {zh: 已结案, en: Closed, owners: [callback]}", "the state closed must be final"),
        ("{action: merge, from: [to_verify", "{action: merge, from: [suspended, to_verify",
         "forget where it came from"),
        ("extensions: 1", "extensions: many", "extensions"),
        ("extensions: 1", "extension: 1", "Extra inputs"),
        ("states:", "states: [", "no YAML"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_life_is_told(old: str, new: str, told: str) -> None:
    try:
        found = list(faults(changed(old, new)))
    except BadMachine as error:
        found = list(error.faults)
    assert any(told in fault for fault in found), found


def test_a_dead_end_is_told() -> None:
    spec = yaml.safe_load(default_text())
    spec["states"]["limbo"] = {"zh": "悬着", "en": "Limbo", "owners": ["agent"]}
    spec["steps"][0]["to"] = "limbo"
    found = list(faults(read(yaml.safe_dump(spec, allow_unicode=True))))
    assert any(fault.startswith("limbo is a dead end") for fault in found)


def own(tmp_path: Path) -> Path:
    """A city that looks at every case once more before it files it."""
    spec = yaml.safe_load(default_text())
    spec["states"]["to_look"] = {"zh": "待初审", "en": "To look at", "owners": ["agent"]}
    spec["steps"][0]["to"] = "to_look"
    spec["steps"].append(
        {"action": "verify", "from": ["to_look"], "to": "to_file", "roles": ["agent"]}
    )
    file = tmp_path / "life.yaml"
    file.write_text(yaml.safe_dump(spec, allow_unicode=True), encoding="utf-8")
    return file


def test_a_city_may_have_states_of_its_own(tmp_path: Path) -> None:
    file = own(tmp_path)
    machine = checked(file)
    assert machine.steps_from("to_look", "agent")[0].target == "to_file"
    config = tmp_path / "hotline.toml"
    config.write_text('[registry]\nlife = "life.yaml"\n', encoding="utf-8")
    assert load(config).registry.life_file == file


def test_a_life_that_cannot_be_lived_stops_the_start(tmp_path: Path) -> None:
    config, file = tmp_path / "hotline.toml", tmp_path / "life.yaml"
    config.write_text('[registry]\nlife = "life.yaml"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"registry\.life"):
        load(config)
    file.write_text(default_text().replace("needs: [until]", "needs: []"), encoding="utf-8")
    with pytest.raises(ConfigError, match="it must need until"):
        load(config)


def test_a_life_is_checked_and_drawn_at_the_terminal(tmp_path: Path) -> None:
    runner, bad = CliRunner(), tmp_path / "bad.yaml"
    bad.write_text(default_text().replace("why: true", "why: false"), encoding="utf-8")
    assert "good: 13 states" in runner.invoke(app, ["life", "check", str(own(tmp_path))]).output
    refused = runner.invoke(app, ["life", "check", str(bad)])
    assert refused.exit_code == 2
    assert "the reason" in refused.output
    assert "待初审" in runner.invoke(app, ["life", "draw", str(own(tmp_path))]).output
    assert runner.invoke(app, ["life", "draw", "--format", "svg"]).output.startswith("<svg")
