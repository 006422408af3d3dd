"""Values read out, held to a table written by hand, and read back."""

from __future__ import annotations

import csv
import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.ivr.numbers import Unreadable, piece_names, piece_texts, text
from hotline.ivr.pieces import Read, Reading

with Path(__file__).with_name("readings.tsv").open(encoding="utf-8", newline="") as table:
    ROWS = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
LANGUAGES = ("zh", "en")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join(list(row.values())[:3]))
def test_a_value_is_read_as_the_table_says(row: dict[str, str]) -> None:
    read = Read(Reading(row["reading"]), row["value"])
    assert text(read, row["language"]) == row["expected"]


def test_the_table_is_large_and_knows_every_way_of_reading() -> None:
    assert len(ROWS) >= 300
    assert len({tuple(row.values()) for row in ROWS}) == len(ROWS)
    for language in LANGUAGES:
        readings = {row["reading"] for row in ROWS if row["language"] == language}
        assert readings == set(Reading)


@given(st.integers(-(10**12), 10**12))
def test_a_mandarin_number_read_back_is_the_same_number(number: int) -> None:
    assert heard_in_mandarin(text(Read(Reading.NUMBER, str(number)), "zh")) == number


@given(st.integers(-(10**12), 10**12))
def test_an_english_number_read_back_is_the_same_number(number: int) -> None:
    assert heard_in_english(text(Read(Reading.NUMBER, str(number)), "en")) == number


@given(st.integers(0, 10**12))
def test_a_mandarin_number_never_says_two_noughts_in_a_row_nor_ends_in_one(number: int) -> None:
    said = text(Read(Reading.NUMBER, str(number)), "zh")
    assert "零零" not in said
    assert said == "零" or not said.endswith("零")
    assert "两十" not in said
    assert not said.endswith("两")


def some(reading: Reading) -> st.SearchStrategy[str]:
    digits = st.text("0123456789", min_size=1, max_size=20)
    amounts = st.decimals(0, 10**9, places=2, allow_nan=False).map(str)
    moments = st.datetimes().map(lambda moment: moment.isoformat(timespec="minutes"))
    return {
        Reading.NUMBER: st.decimals(-(10**14), 10**14, places=3, allow_nan=False).map(str),
        Reading.ORDINAL: st.integers(1, 10**14).map(str),
        Reading.MONEY: amounts,
        Reading.DATE: moments.map(lambda moment: moment[:10]),
        Reading.TIME: moments.map(lambda moment: moment[11:]),
        Reading.DATETIME: moments,
        Reading.DURATION: amounts,
        Reading.WAIT: amounts,
    }.get(reading, digits)


@given(st.sampled_from(LANGUAGES), st.data())
def test_every_piece_that_a_reading_names_is_in_its_languages_table(
    language: str, data: st.DataObject
) -> None:
    reading = data.draw(st.sampled_from(list(Reading)))
    names = piece_names(Read(reading, data.draw(some(reading))), language)
    assert names
    assert set(names) <= set(piece_texts(language))


@given(
    st.sampled_from(list(Reading)),
    st.text(max_size=50) | st.text("0123456789１+-*#.:T ", max_size=20),
)
def test_whatever_is_to_be_read_is_read_or_refused(reading: Reading, value: str) -> None:
    for language in LANGUAGES:
        with suppress(Unreadable):
            names = piece_names(Read(reading, value), language)
            assert names
            assert set(names) <= set(piece_texts(language))


@pytest.mark.parametrize(
    ("reading", "value"),
    [
        (Reading.NUMBER, "twelve"), (Reading.NUMBER, "1e20"), (Reading.NUMBER, "NaN"),
        (Reading.NUMBER, "0.1234567"), (Reading.ORDINAL, "0"), (Reading.ORDINAL, "1.5"),
        (Reading.MONEY, "0.001"), (Reading.DIGITS, "12a"), (Reading.PHONE, "12*"),
        (Reading.DATE, "2026-02-29"), (Reading.TIME, "25:00"), (Reading.DATETIME, "tomorrow"),
        (Reading.DURATION, "-1"), (Reading.WAIT, "soon"), (Reading.CASE_NUMBER, "A17"),
        (Reading.DIGITS, "1" * 41),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_name(reading: Reading, value: str) -> None:
    with pytest.raises(Unreadable, match=re.escape(value[:40])):
        piece_names(Read(reading, value), "zh")


# --- listeners: independent of how the readings are made ---------------------------------

DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2}
UNITS = {"十": 10, "百": 100, "千": 1000}
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
]  # fmt: skip
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}


def heard_in_mandarin(said: str) -> int:
    if said.startswith("负"):
        return -heard_in_mandarin(said[1:])
    total = 0
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        before, found, after = said.rpartition(unit) if unit == "亿" else said.partition(unit)
        if found:
            total += heard_in_mandarin(before) * size
            said = after
    digit = 0
    for character in said:
        if character in UNITS:
            total += (digit or 1) * UNITS[character]
            digit = 0
        else:
            digit = DIGITS[character]
    return total + digit


def heard_in_english(said: str) -> int:
    words = said.replace("-", " ").split()
    if words[0] == "minus":
        return -heard_in_english(" ".join(words[1:]))
    total = group = 0
    for word in words:
        if word in SCALES:
            total, group = total + group * SCALES[word], 0
        elif word == "hundred":
            group *= 100
        else:
            group += ONES.index(word) if word in ONES else 10 * (TENS.index(word) + 2)
    return total + group
