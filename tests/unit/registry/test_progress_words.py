"""What a caller hears of a case."""

from __future__ import annotations

import pytest

from hotline.ivr.pieces import Piece, Prompt, Read, Reading, Said
from hotline.ivr.prompts.catalogue import Wording, catalogue
from hotline.registry.lifecycle import State
from hotline.registry.model import Progress
from hotline.registry.progress_words import told, told_of
from tests.databases import CITY, MORNING

NUMBER = "2026112000001"


def case(state: State, **more: object) -> Progress:
    fields: dict[str, object] = {"closed_at": None, "unit": "", "deadline": None}
    return Progress(NUMBER, state, MORNING, MORNING, **fields | more)  # type: ignore[arg-type]


def test_a_case_that_is_handled_tells_stage_unit_and_deadline() -> None:
    handled = case(State.TO_HANDLE, unit="市政养护所", deadline=MORNING + 86_400)
    assert told_of(handled, CITY) == (
        Prompt("progress-case"),
        Read(Reading.CASE_NUMBER, NUMBER),
        Prompt("progress-stage-to-handle"),
        Prompt("progress-unit"),
        Said("市政养护所"),
        Prompt("progress-deadline"),
        Read(Reading.DATE, "2026-11-21"),
    )


def test_a_deadline_that_nobody_knows_is_said_to_be_unknown() -> None:
    pieces = told_of(case(State.TO_DISPATCH, unit="市政养护所"), CITY)
    assert pieces[-1] == Prompt("progress-deadline-unknown")
    assert Said("市政养护所") not in pieces


def test_a_closed_case_tells_the_city_day_it_was_closed_on() -> None:
    assert told_of(case(State.CLOSED, closed_at=MORNING), CITY)[-2:] == (
        Prompt("progress-closed-on"),
        Read(Reading.DATE, "2026-11-20"),
    )


def test_several_cases_are_counted_first_and_none_is_said_too() -> None:
    two = told([case(State.TO_FILE), case(State.TO_CHECK)], CITY)
    assert two[0] == Prompt("progress-count-2")
    assert two.count(Prompt("progress-case")) == 2
    assert told([], CITY) == (Prompt("progress-none"),)


@pytest.mark.parametrize("state", State)
def test_whatever_is_played_is_in_the_catalogue_of_both_languages(state: State) -> None:
    known = {prompt.key for prompt in catalogue(Wording())}
    full = case(state, unit="市政养护所", deadline=MORNING, closed_at=MORNING)
    heard: list[Piece] = [*told_of(full, CITY), *told_of(case(state), CITY)]
    for count in range(4):
        heard += told([full] * count, CITY)
    names = {piece.name for piece in heard if isinstance(piece, Prompt)}
    assert {f"{language}/{name}" for name in names for language in ("zh", "en")} <= known
