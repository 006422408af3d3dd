"""Rates equal the published ones, and are never made up."""

from __future__ import annotations

import asyncio
import json
import sys
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from hotline import cli
from hotline.registry.judging import definitions
from hotline.registry.judging.model import BadCounts, Month, Period
from hotline.registry.judging.rates import (
    growth,
    percent,
    points,
    rate_of,
    rates_of,
    read_counts,
)
from hotline.storage.database import Database, migrate
from tests.databases import CITY
from tests.unit.judging.judged import ended_values, put

FIXTURE_FILE = Path(__file__).parents[2] / "data" / "case_rates.json"
FIXTURE = json.loads(FIXTURE_FILE.read_text(encoding="utf-8"))
RATES = definitions.load()
FIXTURE_NAMES = [name for name in FIXTURE if name not in {"counts", "tianmen_check"}]
BY_NAME = {name: rate for rate in RATES.rates for name in (rate.zh, *rate.also)}


@pytest.mark.parametrize("name", FIXTURE_NAMES)
def test_each_rate_of_the_fixture_comes_out_exactly(name: str) -> None:
    rate = rate_of(BY_NAME[name], FIXTURE["counts"])
    assert rate.value is not None
    assert float(rate.value) == FIXTURE[name]


def test_the_published_bulletin_comes_out_as_printed() -> None:
    counts = {"should_close": 972, "closed": 911, "intime_closed": 737}
    closing = rate_of(RATES.rate("closing"), counts).value
    in_time = rate_of(RATES.rate("closing_in_time"), counts).value
    assert [percent(closing), percent(in_time)] == ["93.72 %", "75.82 %"]
    assert closing == Fraction(911, 972)


def test_the_share_of_the_public_is_that_of_the_report() -> None:
    rate = rate_of(RATES.rate("public_share"), {"public": 219, "report": 19_439})
    assert percent(rate.value) == "1.13 %"


def test_both_forms_of_the_rework_rate_are_shown_and_one_is_in_use() -> None:
    forms = [rate for rate in rates_of(RATES, FIXTURE["counts"]) if "rework" in rate.definition.id]
    assert [(rate.denominator, rate.definition.in_use) for rate in forms] == [
        (100, True),
        (95, False),
    ]


def test_a_rate_of_nothing_is_unknown_and_never_zero() -> None:
    rate = rate_of(RATES.rate("closing"), {"should_close": 0, "closed": 0})
    assert (rate.value, percent(rate.value)) == (None, "—")
    missing = rate_of(RATES.rate("closing"), {"should_close": 12})
    assert (missing.value, missing.numerator) == (None, None)


def test_more_than_all_is_marked_as_doubtful() -> None:
    assert rate_of(RATES.rate("closing"), {"should_close": 3, "closed": 4}).doubtful


@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_percent_rounds_half_up_on_the_exact_fraction(part: int, whole: int) -> None:
    exact = Decimal(part * 10**6) / Decimal(whole)
    # Exactly a half has few digits, so it is a half in this many decimals too.
    expected = (exact / 10**4).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert percent(Fraction(part, whole)) == f"{expected} %"


@pytest.mark.parametrize(
    ("part", "whole", "text"), [(1, 20_000, "0.01 %"), (1, 800, "0.13 %"), (1, 3, "33.33 %")]
)
def test_a_half_is_rounded_up(part: int, whole: int, text: str) -> None:
    assert percent(Fraction(part, whole)) == text


def test_changes_have_a_sign_and_are_unknown_without_a_past() -> None:
    assert points(Fraction(1, 2), Fraction(1, 4)) == "+25.00"
    assert points(Fraction(1, 4), Fraction(1, 2)) == "-25.00"
    assert points(Fraction(1, 4), None) == "—"
    assert [growth(9, 8), growth(3, 0), growth(3, None)] == ["+12.50 %", "—", "—"]


def test_every_rate_names_its_source_and_its_alternatives_their_rate() -> None:
    assert all(rate.source and rate.zh and rate.en for rate in RATES.rates)
    for rate in RATES.rates:
        assert rate.in_use == (not rate.of)
        if rate.of:
            assert RATES.rate(rate.of).numerator == rate.numerator


@pytest.mark.parametrize("bad", [{"filed": -1}, {"filed": 1.5}, {"filed": True}, [1]])
def test_what_is_no_number_of_cases_is_refused(bad: object) -> None:
    with pytest.raises(BadCounts):
        read_counts(bad)


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["hotline", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_the_command_tells_every_rate_of_the_fixture(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "judge", "rates", "--counts", str(FIXTURE_FILE), "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert {name: answer["by_name"][name] for name in FIXTURE_NAMES} == {
        name: FIXTURE[name] for name in FIXTURE_NAMES
    }
    filing = answer["rates"][0]
    assert (filing["id"], filing["numerator"], filing["denominator"]) == ("filing", 110, 120)


def test_the_command_says_what_is_wrong_with_the_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    wrong = tmp_path / "counts.json"
    wrong.write_text('{"filed": -3}')
    assert run(monkeypatch, "judge", "rates", "--counts", str(wrong)) == 2
    assert "filed: -3 is no number of cases" in capsys.readouterr().err


def test_months_know_their_neighbours_and_their_bounds() -> None:
    month = Month.read("2026-01")
    assert [str(month.plus(-1)), str(month.plus(-12)), str(month.plus(11))] == [
        "2025-12",
        "2025-01",
        "2026-12",
    ]
    assert month.period(CITY).until - month.period(CITY).since == 31 * 86_400
    with pytest.raises(ValueError, match="no month"):
        Month.read("2026-13")
    with pytest.raises(ValueError, match="ends after"):
        Period(1.0, 1.0)


async def test_the_command_counts_a_period_of_the_configured_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'hotline.db'}"
    await migrate(url)
    database = Database(url)
    await put(database, [ended_values(1), ended_values(2, late=True)])
    await database.close()
    config = tmp_path / "hotline.toml"
    config.write_text(f'[database]\nurl = "{url}"\n')
    words = ["--from", "2026-11-01", "--to", "2026-11-30", "--config", str(config), "--json"]

    def asked() -> str:
        # In a thread: the command has a loop of its own.
        result = CliRunner().invoke(cli.app, ["judge", "period", *words, "--by", "unit"])
        return result.stdout

    (line,) = json.loads(await asyncio.to_thread(asked))
    assert (line["key"], line["counts"]["should_close"]) == ("u1", 2)
    assert line["by_name"]["按时结案率"] == 0.5
