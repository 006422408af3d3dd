"""The PBX sends what the controller reads, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hotline.callback import wire as callback_wire
from hotline.calls import wire as calls_wire
from hotline.config import Config
from hotline.secrets import Secrets
from hotline.telephony import ami, keys
from hotline.up.paths import pbx_paths
from hotline.up.render import render

READ = ami.READS | keys.READS | calls_wire.READS | callback_wire.READS


@pytest.fixture(scope="module")
def filters() -> list[str]:
    folders = {"hotline": {"data_dir": Path("/srv/var")}, "recording": {"dir": Path("/srv/rec")}}
    config = Config.model_validate(folders)
    texts = render(config, Secrets(ami="a" * 32, key="k" * 64), pbx_paths(config))
    text = next(text for path, text in texts.items() if path.name == "manager.conf")
    return re.findall(r"^eventfilter = (.*)$", text, re.MULTILINE)


def passes(filters: list[str], event: str) -> bool:
    """As Asterisk decides: one that lets in, and none that keeps out."""
    lets_in = any(re.search(f, event, re.DOTALL) for f in filters if not f.startswith("!"))
    return lets_in and not any(re.search(f[1:], event) for f in filters if f.startswith("!"))


def event(name: str, *headers: str) -> str:
    lines = (f"Event: {name}", "Privilege: call,all", "Timestamp: 1.000000", *headers)
    return "\r\n".join(lines) + "\r\n\r\n"


SPECIAL = {
    "DeviceStateChange": "Device: PJSIP/1001-web",
    "UserEvent": "UserEvent: HotlineCallback",
    "BridgeEnter": "Uniqueid: ho-pbx1-1.1-h1",
}


def test_every_event_that_is_read_comes(filters: list[str]) -> None:
    sent = {name for name in READ if passes(filters, event(name, SPECIAL.get(name, "A: b")))}
    assert sent == READ


def test_no_other_event_is_named(filters: list[str]) -> None:
    groups = re.findall(r"\^Event: \(?([\w|]+)", "\n".join(filters))
    assert {name for group in groups for name in group.split("|")} == READ


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("Newchannel", "Channel: PJSIP/1001-00000001"),
        ("HangupRequest", "Channel: PJSIP/1001-00000001"),
        ("DeviceStateChange", "Device: PJSIP/anonymous"),
        ("DeviceStateChange", "Device: Queue:hotline-fallback"),
        ("UserEvent", "UserEvent: Other"),
        ("BridgeEnter", "Uniqueid: 1795241503.0"),
        ("DTMFEnd", "Direction: Sent"),
        ("VarSet", "Value: Event: Hangup"),
    ],
)
def test_what_nobody_reads_stays_away(filters: list[str], name: str, header: str) -> None:
    assert not passes(filters, event(name, header))
