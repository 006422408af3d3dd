"""What the doctor says of holidays."""

from __future__ import annotations

from datetime import datetime
from unittest.mock import patch

import pytest

from hotline.config import Config
from hotline.doctor import calendar
from hotline.doctor.calendar import check_calendar
from hotline.doctor.texts import Say
from tests.databases import CITY


@pytest.mark.parametrize(
    ("known", "today", "state", "said"),
    [
        ({2026, 2027}, "2026-12-01", "good", "2026 年和 2027 年的节假日已知"),
        ({2026}, "2026-11-20", "good", "2027 年的尚未公布"),
        ({2026}, "2026-12-01", "note", "2027 年的节假日未知"),
        ({2026}, "2027-01-01", "note", "2027 年的节假日未知"),
    ],
)
def test_a_year_that_is_not_known_is_told_in_time(
    known: set[int], today: str, state: str, said: str
) -> None:
    now = datetime.fromisoformat(today).replace(tzinfo=CITY).timestamp()
    with patch.object(calendar, "year_known", known.__contains__):
        finding = check_calendar(Config(), now, Say("zh"))
    assert (finding.check, finding.state) == ("calendar", state)
    assert said in finding.text


def test_the_library_says_which_years_it_knows() -> None:
    assert calendar.year_known(2026)
    assert not calendar.year_known(2190)
