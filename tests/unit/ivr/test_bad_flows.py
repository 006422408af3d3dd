"""Every bad flow is told of with its line, and in words that say what to do.

Each file in ``bad_flows`` begins with what the check must say of it, and nothing else:
``# line: code: message``.
"""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from pathlib import Path
from string import Formatter

import pytest

from hotline.ivr.findings import codes
from tests.ivr.ground import findings_of

BAD_FLOWS = sorted((Path(__file__).parent / "bad_flows").glob("*.yaml"))
_EXPECTED = re.compile(r"# (\d+): ([a-z-]+): (.+)")
# Over 256 KiB, hidden by editors, or about where a flow is published: no file here shows these.
SHOWN_ELSEWHERE = {
    "too-large",
    "yaml-character",
    "key-not-text",
    "too-long",
    "bad-code",
    "other-name",
}


def expected_of(text: str) -> list[tuple[int, str, str]]:
    return [(int(m[1]), m[2], m[3]) for m in map(_EXPECTED.fullmatch, text.splitlines()) if m]


@pytest.mark.parametrize("path", BAD_FLOWS, ids=lambda path: path.stem)
def test_a_bad_flow_is_told_of_with_line_and_words(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    expected = expected_of(text)
    assert expected
    assert [(f.line, f.code, f.text("en")) for f in findings_of(text)] == expected


def test_there_are_forty_bad_flows_and_more() -> None:
    assert len(BAD_FLOWS) >= 40


def test_everything_the_check_can_find_is_shown_by_a_bad_flow() -> None:
    shown = {code for path in BAD_FLOWS for _, code, _ in expected_of(path.read_text("utf-8"))}
    assert set(codes()) - shown == SHOWN_ELSEWHERE


def test_every_finding_has_words_in_both_languages_with_the_same_places_in_them() -> None:
    source = resources.files("hotline.ivr").joinpath("findings.toml").read_text(encoding="utf-8")
    for code, words in tomllib.loads(source).items():
        zh, en = (
            {field for _, field, *_ in Formatter().parse(words[name])} for name in ("zh", "en")
        )
        assert zh - {None} == en - {None}, code


def test_a_file_of_more_than_256_kib_is_not_even_read() -> None:
    (finding,) = findings_of("# " + "x" * 300_000)
    assert finding.code == "too-large"


def test_a_control_character_is_told_with_its_line() -> None:
    (finding,) = findings_of("flow: a\ntitle: b\x07\n")
    assert (finding.line, finding.code) == (2, "yaml-character")


def test_a_list_as_a_key_is_told_with_its_line() -> None:
    found_ = findings_of("flow: a\n[b]: c\n")
    assert (2, "key-not-text") in [(f.line, f.code) for f in found_]


@pytest.mark.parametrize(
    ("line", "code"),
    [(f"    url: https://city.example/{'x' * 400}", "bad-url"), ("    target: FIRE", "bad-code")],
)
def test_an_address_or_a_code_that_cannot_be_is_told_with_its_line(line: str, code: str) -> None:
    kind = "webhook" if "url" in line else "transfer"
    text = f"flow: a\nstart: b\nnodes:\n  b:\n    kind: {kind}\n{line}\n"
    assert (6, code) in [(f.line, f.code) for f in findings_of(text)]


def test_a_text_that_is_too_long_is_told_with_its_line() -> None:
    text = f"nodes:\n  b:\n    kind: say\n    note: {'x' * 600}\n"
    assert (4, "too-long") in [(f.line, f.code) for f in findings_of(text)]
