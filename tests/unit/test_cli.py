"""What every command does with words that it does not understand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hotline.cli import main


def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, line: str) -> str:
    monkeypatch.setattr(sys, "argv", ["hotline", *line.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert not out
    return err


STAFFING = "staffing --calls-per-hour 60 --aht 300 --model"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (f"{STAFFING} erlang-c --agents many", "--agents"),
        (f"{STAFFING} erlang-c --target 95%", "--target"),
        (f"{STAFFING} erlang-x --agents 9", "--model"),
        (f"{STAFFING} erlang-c --agents", "--agents"),
        (f"{STAFFING} erlang-c --agent 9", "--agent"),
        ("staffing --model erlang-c --aht 300 --agents 9", "--calls-per-hour"),
        ("staffing --aht 300 --calls-per-hour 60 --agents 9", "--model"),
        ("simulate", "file"),
        ("flow chekc default", "check"),
        ("simulate day.yaml --replications 0", "--replications"),
        ("prompts list --state stael", "--state"),
    ],
)
def test_a_wrong_option_is_named_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, line: str, named: str
) -> None:
    err = told(capsys, monkeypatch, line)
    assert named in err
    assert err.startswith("hotline: ")
    assert err.count("\n") == 1


def test_a_command_without_arguments_shows_its_help_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["hotline", "flow"])
    with pytest.raises(SystemExit):
        main()
    out, err = capsys.readouterr()
    assert "check" in out
    assert not err


def test_a_replay_before_the_first_start_says_so_and_leaves_no_database(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "hotline.toml"
    config.write_text(f'[hotline]\ndata_dir = "{tmp_path / "data"}"\n', encoding="utf-8")
    err = told(capsys, monkeypatch, f"replay --config {config}")
    assert "never started" in err
    assert list(tmp_path.iterdir()) == [config]
