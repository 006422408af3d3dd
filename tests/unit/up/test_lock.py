"""A data folder belongs to one running hotline."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hotline.up.faults import SetupFault
from hotline.up.lock import only_one


def test_the_second_is_told_who_holds_it(tmp_path: Path) -> None:
    with (
        only_one(tmp_path / "var"),
        pytest.raises(SetupFault, match=rf"already running \(process {os.getpid()}\)"),
        only_one(tmp_path / "var"),
    ):
        pytest.fail("both hold it")


def test_it_is_free_again_after_the_end(tmp_path: Path) -> None:
    with only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupFault, match=r"hotline.data_dir: .*cannot be written"):
        only_one(tmp_path / "file" / "var").__enter__()
