"""Secrets are made once, for their owner only."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hotline.config import Config, ConfigError
from hotline.secrets import Secrets, load_or_make, sip_password


def config(folder: Path, secret: str = "") -> Config:
    return Config.model_validate(
        {"hotline": {"data_dir": folder / "var"}, "pbx": {"ami_secret": secret}}
    )


def test_they_are_made_once_and_kept(tmp_path: Path) -> None:
    made = load_or_make(config(tmp_path))
    assert load_or_make(config(tmp_path)) == made
    assert len({made.ami, made.key, ""}) == 3


def test_two_installations_have_different_ones(tmp_path: Path) -> None:
    assert load_or_make(config(tmp_path / "a")) != load_or_make(config(tmp_path / "b"))


def test_only_their_owner_can_read_them(tmp_path: Path) -> None:
    load_or_make(config(tmp_path))
    mode = (tmp_path / "var" / "secrets.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_configured_ami_secret_wins(tmp_path: Path) -> None:
    made = load_or_make(config(tmp_path))
    assert load_or_make(config(tmp_path, "of-the-city")) == Secrets("of-the-city", made.key)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"ami": "x"}'])
def test_a_damaged_file_is_told_and_not_replaced(tmp_path: Path, content: str) -> None:
    load_or_make(config(tmp_path))
    file = tmp_path / "var" / "secrets.json"
    file.write_text(content)
    with pytest.raises(ConfigError, match="restore it from a backup"):
        load_or_make(config(tmp_path))
    assert file.read_text() == content


def test_they_are_not_shown() -> None:
    assert "abc" not in f"{Secrets('abc', 'abc')!r}"


def test_a_phones_password_follows_from_key_and_extension() -> None:
    assert sip_password("key", "1001") == sip_password("key", "1001")
    assert len(sip_password("key", "1001")) == 24
    others = {sip_password("key", "1002"), sip_password("yek", "1001")}
    assert sip_password("key", "1001") not in others
