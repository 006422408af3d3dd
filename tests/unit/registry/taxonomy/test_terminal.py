"""``hotline taxonomy`` on a machine without a configuration, and with a city's."""

from __future__ import annotations

import csv
import json
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from hotline.cli import main
from hotline.registry import taxonomy

FILES = {"component": "components", "event": "events"}
IDS = [standard.id for standard in taxonomy.standards()]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a hotline.toml."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command: its exit code, what it told, and its complaint."""

    def command(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["hotline", "taxonomy", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return command


@pytest.mark.parametrize("kind", list(FILES))
@pytest.mark.parametrize("standard", IDS)
def test_a_list_has_every_class_of_the_supplied_file_in_its_order(
    run: Any, standard: str, kind: str
) -> None:
    code, out, err = run("list", "--standard", standard, "--kind", kind, "--json")
    name = f"{standard}.{FILES[kind]}.tsv"
    file = files("hotline.registry.taxonomy") / "data" / name
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines(), delimiter="\t")
    listed = json.loads(out)
    columns = ("code", "major_code", "major_name", "minor_code", "minor_name")
    assert [{name: one[name] for name in columns} for one in listed] == [
        {name: row[name] for name in columns} for row in rows
    ]
    assert {(one["kind"], one["standard"]) for one in listed} == {(kind, standard)}
    assert (code, err) == (0, "")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("list", "--standard", "gbt-1"), "cjt-214-2007"),
        (("list", "--kind", "thing"), "component, event"),
        (("show", "component/9999"), "component/0101"),
        (("convert", "--from", "cjt-214-2007", "--to", "gbt-1"), "gbt-47678.5-2026"),
        (("list", "--city"), "hotline.toml"),
    ],
)
def test_what_there_is_not_is_told_in_one_line_with_the_choices(
    run: Any, words: tuple[str, ...], named: str
) -> None:
    code, out, err = run(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert named in err


def test_a_search_answers_by_exit_code_too(run: Any) -> None:
    code, out, _ = run("search", "路灯", "不亮", "--json")
    found = json.loads(out)
    assert (code, found[0]["minor_name"], found[0]["matched"]) == (0, "路灯", "路灯不亮")
    assert run("search", "没有这个类别") == (1, "", "")


def test_one_class_is_shown_with_what_it_is_in_the_other_standards(run: Any) -> None:
    shown = json.loads(run("show", "component/0101", "--json")[1])
    assert [one["limit"] for one in shown["example_limits"]][:2] == ["2紧急工作时", "4工作时"]
    (became,) = shown["conversions"]["gbt-47678.5-2026"]
    assert (became["relation"], became["name"]) == ("renamed", "供水井盖")
    assert "2紧急工作时/4工作时" in run("show", "component/0101")[1]


def test_a_conversion_answers_for_every_class(run: Any) -> None:
    pair = ("--from", "cjt-214-2007", "--to", "gbt-30428.2-2013")
    assert len(json.loads(run("convert", *pair, "--json")[1])) == 139
    assert "0105" in run("convert", *pair, "component/0105")[1]


def test_the_standards_tell_their_gaps(run: Any) -> None:
    by_id = {one["standard"]: one for one in json.loads(run("standards", "--json")[1])}
    gaps = by_id["gbt-30428.2-2013"]["gaps"]
    assert (gaps["component"]["missing"], gaps["event"]["missing"]) == (55, 16)
    assert "55 missing" in run("standards")[1]


def test_a_components_code_is_checked_by_its_standard(run: Any) -> None:
    code, out, err = run("check-component", "1101010137000001")
    assert (code, err) == (0, "")
    assert "路灯" in out
    newer = ("--standard", "gbt-47678.5-2026", "--json")
    code, out, err = run("check-component", "1101010137000001", *newer)
    assert code == 1
    assert "17 digits" in json.loads(out)["message"]
    assert run("check-grid", "110101001001001")[0] == 0
    assert run("check-grid", "1")[0] == 1


def test_before_its_first_start_a_city_has_the_bare_standard(run: Any, elsewhere: Path) -> None:
    (elsewhere / "hotline.toml").write_text("")
    code, out, err = run("list", "--city", "--kind", "event", "--json")
    assert (code, len(json.loads(out)), err) == (0, 67, "")
