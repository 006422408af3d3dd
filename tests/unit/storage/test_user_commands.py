from __future__ import annotations

import io
from pathlib import Path

import pytest

from hotline.config import Config
from hotline.storage import user_commands
from hotline.storage.profiles import Profile, UserFault


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config.model_validate({"hotline": {"data_dir": tmp_path / "var"}})


def test_the_first_administrator_is_made_before_the_first_start(config: Config) -> None:
    user_commands.add(config, "admin", Profile("王", "admin"), "a good password")
    user_commands.add(config, "agent1", Profile("张敏", "agent", "1001"), "a good password")
    user_commands.set_password(config, "agent1", "a better password")
    user_commands.deactivate(config, "agent1")
    assert [(user.user_id, user.active) for user in user_commands.listing(config)] == [
        ("admin", True),
        ("agent1", False),
    ]


def test_an_extension_outside_the_configuration_is_refused(config: Config) -> None:
    with pytest.raises(UserFault, match="is no extension"):
        user_commands.add(config, "agent1", Profile("张敏", "agent", "7777"), "a good password")


def test_a_password_can_be_piped_in() -> None:
    assert user_commands.read_password(io.StringIO("a good password\nmore\n")) == "a good password"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_typed_password_is_asked_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["a good password", "a good password", "a good password", "a god password"])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    assert user_commands.read_password(Terminal()) == "a good password"
    with pytest.raises(UserFault, match="differ"):
        user_commands.read_password(Terminal())
