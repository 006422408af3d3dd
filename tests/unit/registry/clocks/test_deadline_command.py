"""``hotline deadline`` as a terminal and a program meet it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hotline.cli import main
from hotline.config import Config
from hotline.registry.clocks.calendar import BadCalendar
from hotline.registry.clocks.files import configured, read_text

ZONE = ZoneInfo("Asia/Shanghai")
FILE = {
    "hours": [["08:00", "12:00"], ["14:00", "18:00"]],
    "holidays": [f"2026-10-0{day}" for day in range(1, 8)],
    "workdays": ["2026-10-10"],
}


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["hotline", "deadline", *arguments])
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


@pytest.fixture
def calendar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "calendar.json"
    path.write_text(json.dumps(FILE))
    return path


def test_the_answer_for_programs(
    calendar: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--start", "2026-09-30 17:00", "--limit", "4工作时", "--calendar", str(calendar))
    assert run(monkeypatch, *options, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["deadline"] == "2026-10-08T11:00:00+08:00"
    assert answer["start"] == "2026-09-30T17:00:00+08:00"
    assert (answer["limit"], answer["unit"], answer["amount"]) == ("4工作时", "working_hour", 4.0)
    assert answer["calendar"]["holidays"] == 7
    assert answer["trace"][0]["counted"] == "1:00:00"
    assert [line["kind"] for line in answer["trace"]] == ["workday", *["holiday"] * 7, "workday"]


def test_the_answer_for_people(
    calendar: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--start", "2026-09-30 7:00", "--limit", "2工作日", "--calendar", str(calendar))
    assert run(monkeypatch, *options) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2026-10-09T07:00:00+08:00  2工作日 from 2026-09-30T07:00:00+08:00"
    assert lines[-1].split() == ["2026-10-09", "workday", "1"]


def test_without_a_file_the_official_holidays_count(
    calendar: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--start", "2026-09-30 17:00", "--limit", "4工作时", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["deadline"] == "2026-10-08T11:00:00+08:00"
    assert answer["calendar"]["source"] == "defaults"
    Path("hotline.toml").write_text('[clocks]\nholidays = ["2026-10-08"]\n')
    assert run(monkeypatch, "--start", "2026-09-30 17:00", "--limit", "4工作时", "--json") == 0
    assert json.loads(capsys.readouterr().out)["deadline"] == "2026-10-09T11:00:00+08:00"


def test_a_year_without_known_holidays_is_told(
    calendar: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--start", "2126-11-20 09:00", "--limit", "1工作时") == 0
    assert "holidays of 2126 are not known" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("start", "limit", "said"),
    [
        ("yesterday", "4工作时", "--start: 'yesterday' is no date and time"),
        ("2026-09-30", "4工作时", "--start: '2026-09-30' is no date and time"),
        ("2026-02-30 10:00", "4工作时", "--start: '2026-02-30 10:00' is no date"),
        ("9998-02-20 10:00", "4工作时", "--start: '9998-02-20 10:00' is no date"),
        ("2026-09-30 17:00", "soon", "--limit: 'soon' is no time limit"),
        ("2026-09-30 17:00", "0.5工作日", "--limit: working days are whole ones"),
    ],
)
@pytest.mark.usefixtures("calendar")
def test_what_cannot_be_read_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    start: str,
    limit: str,
    said: str,
) -> None:
    assert run(monkeypatch, "--start", start, "--limit", limit) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"hotline: {said}")


def test_a_file_that_is_not_there_is_named(
    calendar: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--start", "2026-09-30 17:00", "--limit", "4工作时", "--calendar", "none.json")
    assert run(monkeypatch, *options) == 2
    assert capsys.readouterr().err == "hotline: none.json: No such file or directory\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "line 1, column 2: no JSON"),
        ("[]", 'no JSON object with "hours" in it'),
        ("{}", '"hours" is missing'),
        ('{"hours": []}', "hours is empty, so that no limit would ever end"),
        ('{"hours": [["22:00", "06:00"]]}', "hours, item 1: 06:00 is before 22:00: a span that"),
        ('{"hours": [["08:00", "08:00"]]}', "hours, item 1: 08:00 to 08:00 is no time at all"),
        ('{"hours": [["08:00", "25:00"]]}', "hours, item 1: '25:00' is no time such as 08:00"),
        ('{"hours": [["08:00"]]}', "hours, item 1: write a pair"),
        ('{"hours": [["8:00","12:00"],["11:00","13:00"]]}', "hours: 08:00-12:00 and 11:00"),
        ('{"hours": [["8:00","9:00"]], "holidays": ["10-01"]}', "holidays, item 1: '10-01' is no"),
        ('{"hours": [["8:00","9:00"]], "workdays": 5}', "workdays: not a list"),
        ('{"hours": [["8:00","9:00"]], "workday": []}', "'workday' is none of hours, holidays"),
        (
            '{"hours": [["8:00","9:00"]], "holidays": ["2026-10-01"], "workdays": ["2026-10-01"]}',
            "2026-10-01 is listed under holidays and under workdays",
        ),
    ],
)
def test_a_faulty_calendar_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(BadCalendar) as refused:
        read_text(text, ZONE)
    assert str(refused.value).startswith(said)


def test_hours_may_end_at_midnight() -> None:
    calendar = read_text('{"hours": [["00:00", "02:00"], ["22:00", "24:00"]]}', ZONE)
    assert [str(span) for span in calendar.hours] == ["00:00-02:00", "22:00-24:00"]


def test_the_configured_calendar_knows_official_days_and_the_citys_own() -> None:
    section = {"holidays": ["2026-10-12"], "workdays": ["2026-10-02"]}
    calendar = configured(Config.model_validate({"clocks": section}))
    assert not calendar.worked(date(2026, 10, 1))
    assert calendar.worked(date(2026, 10, 2))
    assert not calendar.worked(date(2026, 10, 12))
    assert calendar.facts(date(2026, 10, 1)).name == "国庆节"
