from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.config import load
from hotline.up.run import _plan
from hotline.up.show import Show


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_what_citizens_say_is_no_other_users_of_the_machine(tmp_path: Path) -> None:
    asterisk = tmp_path / "asterisk"
    asterisk.write_text("#!/bin/sh\necho Asterisk 22.0.0\n")
    asterisk.chmod(0o755)
    settings = tmp_path / "hotline.toml"
    settings.write_text(f'[pbx]\nasterisk = "{asterisk}"\n')
    config = load(settings)
    _plan(settings, config, Show())
    made = [config.recording.dir, config.recording.dir / "talks", config.hotline.data_dir]
    assert [path.stat().st_mode & 0o777 for path in made] == [0o700] * 3
