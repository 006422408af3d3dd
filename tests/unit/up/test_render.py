"""What Asterisk is given to read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hotline.config import Config, ConfigError
from hotline.secrets import Secrets, sip_password
from hotline.up.paths import PbxPaths, pbx_paths
from hotline.up.render import REQUIRED_MODULES, render

SECRETS = Secrets(ami="a" * 32, key="k" * 64)
CITY = {"sip_host": "192.0.2.10", "trunk": "sip:198.51.100.7:5060"}


def config(folder: Path = Path("/srv/hotline"), **sections: dict[str, object]) -> Config:
    sections.setdefault("hotline", {})["data_dir"] = folder / "var"
    sections.setdefault("recording", {})["dir"] = folder / "recordings"
    return Config.model_validate(sections)


def rendered(given: Config, **found: Path) -> dict[str, str]:
    paths: PbxPaths = pbx_paths(given, **found)
    return {path.name: text for path, text in render(given, SECRETS, paths).items()}


def section(text: str, name: str, kind: str = "endpoint") -> str:
    """The section ``[name]`` of this type, or built on this template."""
    parts = re.split(r"^(?=\[)", text, flags=re.MULTILINE)
    found = [p for p in parts if p.startswith(f"[{name}]") and (kind in p)]
    return found[0] if found else ""


def test_the_same_configuration_renders_the_same_files() -> None:
    assert rendered(config()) == rendered(config())


def test_citizens_reach_a_loopback_hotline_without_a_name() -> None:
    pjsip = rendered(config())["pjsip.conf"]
    assert section(pjsip, "anonymous", "citizen")
    assert "type = identify" not in pjsip


def test_beyond_loopback_citizens_come_in_from_the_trunk_only() -> None:
    pjsip = rendered(config(pbx=dict(CITY)))["pjsip.conf"]
    assert not section(pjsip, "anonymous", "citizen")
    assert "match = 198.51.100.7\n" in pjsip
    assert "context = citizens" in pjsip


def test_beyond_loopback_without_a_trunk_nobody_comes_in() -> None:
    pjsip = rendered(config(pbx={"sip_host": "192.0.2.10"}))["pjsip.conf"]
    assert not section(pjsip, "anonymous", "citizen")
    assert "[trunk]" not in pjsip


def test_speech_stays_on_loopback_with_sip() -> None:
    pjsip = rendered(config())["pjsip.conf"]
    assert pjsip.count("media_address = 127.0.0.1") == 3
    everywhere = rendered(config(pbx={"sip_host": "0.0.0.0"}))["pjsip.conf"]
    assert "bind_rtp_to_media_address" not in everywhere


def test_softphones_behind_a_proxy_reach_speech_from_elsewhere() -> None:
    pjsip = rendered(config(pbx={"ws_url": "wss://hotline.example/ws"}))["pjsip.conf"]
    assert "media_address" not in pjsip.partition("[web](!")[2].partition("[registered]")[0]


def test_each_extension_has_a_desk_phone_and_a_softphone() -> None:
    pjsip = rendered(config(pbx={"extensions": ["1001-1002"]}))["pjsip.conf"]
    for extension in ("1001", "1002"):
        assert section(pjsip, extension, "(desk)")
        assert section(pjsip, f"{extension}-web", "(web)")
        password = sip_password(SECRETS.key, extension)
        assert pjsip.count(f"password = {password}\n") == 1
    assert "1003" not in pjsip


def test_a_softphone_has_a_password_of_its_own_at_each_login() -> None:
    files = rendered(config(pbx={"extensions": ["1001"]}))
    assert not section(files["pjsip.conf"], "1001-web", "(login)")
    assert "auth = astdb,hotline\n" in files["sorcery.conf"]
    elsewhere = rendered(config(pbx={"mode": "external", "extensions": ["1001"]}))
    assert section(elsewhere["pjsip.conf"], "1001-web", "(login)")
    assert "sorcery.conf" not in elsewhere


def test_every_module_is_named() -> None:
    modules = rendered(config())["modules.conf"]
    assert "autoload = no" in modules
    assert all(f"require = {name}.so\n" in modules for name in REQUIRED_MODULES)


def test_an_obtained_asterisk_finds_its_own_folders() -> None:
    found = rendered(config(), modules=Path("/b/modules"), data=Path("/b/data"))["asterisk.conf"]
    assert "astmoddir => /b/modules\n" in found
    assert "astdatadir => /b/data\n" in found
    assert "astmoddir" not in rendered(config())["asterisk.conf"]


def test_ami_is_for_this_machine_unless_configured() -> None:
    assert "permit = 127.0.0.0" in rendered(config())["manager.conf"]
    assert "permit" not in rendered(config(pbx={"ami_host": "192.0.2.10"}))["manager.conf"]


def test_the_dialplan_knows_where_the_controller_is() -> None:
    assert "AGI(agi://127.0.0.1:4573/call," in rendered(config())["extensions.conf"]
    six = rendered(config(pbx={"agi_host": "::1"}))["extensions.conf"]
    assert "AGI(agi://[::1]:4573/call," in six
    everywhere = rendered(config(pbx={"agi_host": "0.0.0.0"}))["extensions.conf"]
    assert "AGI(agi://127.0.0.1:4573/call," in everywhere


def test_an_asterisk_elsewhere_is_given_what_concerns_us_only() -> None:
    files = rendered(config(pbx={"mode": "external"}))
    assert set(files) == {
        "pjsip.conf",
        "extensions.conf",
        "queues.conf",
        "musiconhold.conf",
        "manager.conf",
        "features.conf",
        "hotline-intake",
    }


@pytest.mark.parametrize(
    ("key", "bad"),
    [
        ("pbx.sip_host", {"pbx": {"sip_host": "127.0.0.1\n[evil]"}}),
        ("pbx.ws_host", {"pbx": {"ws_host": "127.0.0.1;x"}}),
        ("pbx.ami_host", {"pbx": {"ami_host": "a b"}}),
        ("pbx.agi_host", {"pbx": {"agi_host": "127.0.0.1,x)"}}),
        ("recording.dir", {"recording": {"dir": "/srv/a,b"}}),
        ("recording.dir", {"recording": {"dir": "/srv/${SHELL(x)}"}}),
        ("recording.dir", {"recording": {"dir": "/srv/a&b"}}),
        ("hotline.data_dir", {"hotline": {"data_dir": "/srv/a\nb"}}),
    ],
)
def test_no_value_breaks_out_of_its_place(key: str, bad: dict[str, dict[str, object]]) -> None:
    given = Config.model_validate(bad)
    with pytest.raises(ConfigError, match=f"^{re.escape(key)}: "):
        render(given, SECRETS, pbx_paths(given))


def test_a_secret_that_breaks_out_is_refused_and_not_shown() -> None:
    given = config()
    bad = Secrets(ami="longenough\n[x]", key="k")
    with pytest.raises(ConfigError) as fault:
        render(given, bad, pbx_paths(given))
    assert "pbx.ami_secret" in str(fault.value)
    assert "longenough" not in str(fault.value)


def test_a_folder_with_spaces_and_chinese_is_fine() -> None:
    given = config(Path("/srv/城市 热线"))
    assert "HOTLINE_RECORDINGS = /srv/城市 热线/recordings\n" in rendered(given)["extensions.conf"]
