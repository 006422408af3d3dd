"""How programs are obtained; the tools themselves are tried by the set-up of every test run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bundles import BUNDLES, Bundle
from obtain import is_current, obtain
from private_apt import (
    ObtainError,
    Source,
    explain,
    host_codename,
    main_mirror,
    parse_sources,
)

URIS = """\
'http://mirror.example/debian/dists/bookworm/InRelease' mirror.example_bookworm_InRelease 0
'http://mirror.example/debian/dists/bookworm-updates/InRelease' mirror.example_updates_InRelease 0
'http://sec.example/debian-security/dists/bookworm-security/InRelease' sec.example_InRelease 0
'https://other.example/node_20.x/dists/nodistro/InRelease' other.example_InRelease 0
'http://mirror.example/debian/dists/bookworm/main/binary-amd64/Packages.xz' x 0
"""


def test_debians_own_suites_are_told_from_other_vendors() -> None:
    assert parse_sources(URIS, "bookworm") == [
        Source("http://mirror.example/debian", "bookworm"),
        Source("http://mirror.example/debian", "bookworm-updates"),
        Source("http://sec.example/debian-security", "bookworm-security"),
    ]


def test_suites_called_stable_count_too() -> None:
    line = "'http://m.example/debian/dists/stable/InRelease' x 0"
    assert parse_sources(line, "bookworm") == [Source("http://m.example/debian", "stable")]


def test_the_mirror_for_updates_is_not_taken_for_the_whole() -> None:
    sources = parse_sources(URIS, "bookworm")
    assert main_mirror(reversed(sources)) == "http://mirror.example/debian"
    with pytest.raises(ObtainError, match="no mirror of a whole"):
        main_mirror(sources[1:])


def test_another_system_is_told_so() -> None:
    assert host_codename('ID=debian\nVERSION_CODENAME="bookworm"\n') == "bookworm"
    with pytest.raises(ObtainError, match="not a Debian"):
        host_codename("ID=ubuntu\nVERSION_CODENAME=noble\n")


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("E: The repository is not signed.", "signatures or checksums do not hold"),
        ("W: GPG error: NO_PUBKEY 0E98404D386FA1D9", "signatures or checksums do not hold"),
        ("E: Failed to fetch x  Hash Sum mismatch", "signatures or checksums do not hold"),
        ("E: Failed to fetch x  Could not resolve 'm'", "cannot be reached"),
        ("E: Failed to fetch x  Connection timed out", "cannot be reached"),
        ("E: Write error - write (28: No space left on device)", "no disk space is left"),
        ("E: You don't have enough free space in /x", "no disk space is left"),
        ("E: Package 'x' has no installation candidate", "Package 'x' has no installation"),
    ],
)
def test_apts_complaint_becomes_one_line(output: str, told: str) -> None:
    assert told in explain(output)
    assert "\n" not in explain(output)


def straw(tmp_path: Path) -> Bundle:
    program = tmp_path / "machine-asterisk"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return Bundle(
        name="straw",
        packages=("straw",),
        programs={"asterisk": "usr/sbin/asterisk"},
        room_mb=1,
        advice="",
        on_machine=lambda: {"asterisk": str(program)},
    )


def test_a_machine_that_has_a_good_one_keeps_using_it(tmp_path: Path) -> None:
    into = tmp_path / "bundle"
    obtain(straw(tmp_path), into, tmp_path / "cache")
    assert (into / "bin" / "asterisk").resolve() == tmp_path / "machine-asterisk"
    assert json.loads((into / "bundle.json").read_text())["from"] == "machine"
    assert not (tmp_path / "cache").exists()


def test_half_done_work_is_never_taken_as_done(tmp_path: Path) -> None:
    bundle = straw(tmp_path)
    into = tmp_path / "bundle"
    obtain(bundle, into, tmp_path / "cache")
    assert is_current(bundle, into)
    (into / "bin" / "asterisk").unlink()
    assert not is_current(bundle, into)
    obtain(bundle, into, tmp_path / "cache")
    (into / "bundle.json").unlink()
    assert not is_current(bundle, into)


def test_another_recipe_is_made_anew(tmp_path: Path) -> None:
    into = tmp_path / "bundle"
    obtain(straw(tmp_path), into, tmp_path / "cache")
    assert not is_current(BUNDLES["pbx"], into)


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    def fails() -> None:
        raise ObtainError("no")

    bundle = Bundle("straw", ("x",), {"x": "usr/bin/x"}, 1, "", on_machine=fails)
    into = tmp_path / "bundle"
    with pytest.raises(ObtainError):
        obtain(bundle, into, tmp_path / "cache")
    assert not into.exists()
    assert not list(tmp_path.glob("*.partial"))
