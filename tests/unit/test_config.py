"""hotline.toml: documented whole, and refused with words that say how to mend it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from hotline.config import Config, ConfigError, load

SHIPPED = Path(__file__).parents[2] / "hotline.toml"
# Where the shipped file is a demo rather than the defaults.
DEMO = {("hotline", "demo"), ("speech", "model"), ("pbx", "trunk")}


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "hotline.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_file_has_every_key_and_its_default() -> None:
    shipped = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    whole = Config().model_dump(mode="json")
    assert {s: set(keys) for s, keys in shipped.items()} == {
        s: set(keys) for s, keys in whole.items()
    }
    different = {
        (section, key)
        for section, keys in shipped.items()
        for key, value in keys.items()
        if value != whole[section][key]
    }
    assert different == DEMO


def test_each_key_of_the_shipped_file_is_explained_by_its_own_description() -> None:
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    words = " ".join(line.removeprefix("# ") for line in lines if line.startswith("#"))
    for section in Config.model_fields.values():
        assert section.annotation is not None
        for key, field in section.annotation.model_fields.items():
            assert field.description in words, key


def test_relative_paths_count_from_the_files_folder(tmp_path: Path) -> None:
    config = load(write(tmp_path, '[hotline]\ndata_dir = "here"\n'))
    assert config.hotline.data_dir == tmp_path / "here"
    assert config.recording.dir == tmp_path / "recordings"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[web]\nport = 70000\n", "web.port"),
        ("[web]\nprot = 1\n", "web.prot: no such key"),
        ("[wbe]\n", "wbe: no such key"),
        ('[messages]\nurl = "https://sms.example/"\n', "needs messages.secret"),
        (
            '[messages]\nurl = "http://sms.example/"\nsecret = "0123456789abcdef"\n',
            "citizens' numbers go over https only",
        ),
        ('[messages]\ntext = "好"\n', "messages.text needs {case_number}"),
        ('[messages]\ntext = "{case_number} {phone}"\n', "no places but {name}"),
        ('[hotline]\ntimezone = "Mars/Olympus"\n', "no time zone is called 'Mars/Olympus'"),
        ('[hotline]\nnumber = "one"\n', "hotline.number"),
        ('[pbx]\nextensions = ["10-1"]\n', "'10-1' is neither an extension"),
        ('[pbx]\nextensions = ["1010-1001"]\n', "is empty"),
        ('[pbx]\ntrunk = "sip:a\\nb"\n', "pbx.trunk"),
        ('[queue]\nopen = "25:00-26:00"\n', "queue.open"),
        ("[web\n", "not valid TOML"),
    ],
)
def test_a_fault_names_the_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as fault:
        load(write(tmp_path, text))
    assert told in str(fault.value)


def test_several_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as fault:
        load(write(tmp_path, "[web]\nport = 0\n[queue]\nring_seconds = -1\n"))
    assert len(str(fault.value).splitlines()) == 2


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    "listening",
    ['[web]\nhost = "0.0.0.0"', '[pbx]\nsip_host = "192.0.2.1"', '[pbx]\nws_host = "::"'],
)
def test_the_demo_refuses_to_listen_beyond_this_machine(tmp_path: Path, listening: str) -> None:
    with pytest.raises(ConfigError, match="must be a loopback address"):
        load(write(tmp_path, f"[hotline]\ndemo = true\n{listening}\n"))
    load(write(tmp_path, f"{listening}\n"))


@pytest.mark.parametrize("hours", ["25:00-26:00", "08:61-09:00", "08:00-24:30"])
def test_duty_hours_are_times_of_day(tmp_path: Path, hours: str) -> None:
    with pytest.raises(ConfigError, match=r"queue\.open"):
        load(write(tmp_path, f'[queue]\nopen = "{hours}"\n'))
