"""Whether what is told about calls agrees: journal, cases, reports and the recorded files."""

from __future__ import annotations

from tests.system import HotlineSystem


def check_agreement(system: HotlineSystem) -> None:
    """Raises AssertionError naming what disagrees."""
    _calls_have_one_story(system)
    _reports_are_there_and_are_cases(system)
    _cases_are_in_the_journal(system)
    _talks_have_recordings(system)


def _calls_have_one_story(system: HotlineSystem) -> None:
    for row in system.rows("SELECT * FROM calls"):
        story = [entry.kind for entry in system.journal(call_id=row["call_id"])]
        told = f"{row['call_id']}: {story}"
        assert story.count("CallArrived") == 1, told
        if row["ended_at"] is not None:
            assert story.count("CallEnded") == 1, told
        assert story.count("CallAnswered") == story.count("TalkEnded"), told
        assert not ("CallAnswered" in story and "CallAbandoned" in story), told
        assert story.count("CallRated") <= 1, told


def _reports_are_there_and_are_cases(system: HotlineSystem) -> None:
    for row in system.rows("SELECT * FROM reports WHERE state != 'empty'"):
        path = system.config.recording.dir / row["path"]
        if path.suffix != ".wav":
            path = path.with_name(path.name + ".wav")
        assert path.exists(), f"{row['report_id']}: {path} is missing"
        cases = system.rows("SELECT * FROM cases WHERE report_id = ?", row["report_id"])
        assert len(cases) == 1, f"{row['report_id']} has {len(cases)} cases"


def _cases_are_in_the_journal(system: HotlineSystem) -> None:
    opened = {entry.data["case_number"] for entry in system.journal("CaseOpened")}
    kept = {row["case_number"] for row in system.rows("SELECT case_number FROM cases")}
    assert opened == kept


def _talks_have_recordings(system: HotlineSystem) -> None:
    for row in system.rows("SELECT * FROM calls WHERE talk_ended_at IS NOT NULL"):
        assert row["recording"], f"{row['call_id']} has no recording: {row['recording_fault']}"
        path = system.config.recording.dir / row["recording"]
        if path.suffix != ".wav":
            path = path.with_name(path.name + ".wav")
        assert path.exists(), f"{row['call_id']}: {path} is missing"
