"""A port that cannot be had is told by its key in hotline.toml."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from hotline.config import Config
from hotline.up.ports import Kind, Listener, clashes, listeners, taken


@pytest.fixture
def busy() -> Iterator[socket.socket]:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server


def listener(port: int, host: str = "127.0.0.1", kind: Kind = "tcp") -> Listener:
    return Listener("web", "", host, port, kind)


def test_a_free_port_is_no_fault(busy: socket.socket) -> None:
    port = busy.getsockname()[1]
    busy.close()
    assert taken([listener(port)]) == []


def test_a_taken_port_names_its_key_and_its_holder(busy: socket.socket) -> None:
    port = busy.getsockname()[1]
    [fault] = taken([listener(port)])
    assert fault.startswith(f"web.port: {port} is taken by ")
    assert f"(process {os.getpid()})" in fault
    assert "hotline.toml" in fault


def test_a_port_taken_on_every_address_is_seen(busy: socket.socket) -> None:
    assert taken([listener(busy.getsockname()[1], host="0.0.0.0")])


def test_a_taken_sip_port_is_seen() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        sip = Listener("pbx", "sip_", "127.0.0.1", phone.getsockname()[1], "udp")
        [fault] = taken([sip])
    assert fault.startswith("pbx.sip_port: ")


def test_what_our_own_asterisk_holds_is_free(busy: socket.socket) -> None:
    assert taken([listener(busy.getsockname()[1])], ours=os.getpid()) == []


def test_a_connection_of_a_moment_ago_does_not_hold_a_port(busy: socket.socket) -> None:
    port = busy.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)):
        accepted, _ = busy.accept()
        accepted.close()
    busy.close()
    assert taken([listener(port)]) == []


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("203.0.113.77", "web.host: 203.0.113.77 is not an address of this machine"),
        ("no such host", "web.host: 'no such host' is no address and no known name"),
    ],
)
def test_a_host_that_is_not_ours_is_named(host: str, told: str) -> None:
    assert taken([listener(0, host=host)]) == [told]


def test_the_shipped_ports_do_not_clash() -> None:
    assert clashes(Config()) == []


@pytest.mark.parametrize(
    ("sections", "told"),
    [
        ({"web": {"port": 8088}}, "web.port and pbx.ws_port are both 8088"),
        ({"pbx": {"agi_port": 5038}}, "pbx.agi_port and pbx.ami_port are both 5038"),
        ({"pbx": {"rtp_start": 5000, "rtp_end": 6000}}, "pbx.sip_port 5060 lies between"),
        ({"pbx": {"rtp_start": 16000, "rtp_end": 16003}}, "fewer than 8 ports"),
        ({"pbx": {"rtp_start": 17000, "rtp_end": 16000}}, "fewer than 8 ports"),
    ],
)
def test_ports_given_twice_are_told(sections: dict[str, dict[str, object]], told: str) -> None:
    [fault] = clashes(Config.model_validate(sections))
    assert told in fault


def test_sip_and_the_web_may_share_a_number() -> None:
    assert clashes(Config.model_validate({"web": {"port": 5060}})) == []


def test_an_asterisk_elsewhere_has_ports_of_its_own() -> None:
    external = Config.model_validate({"pbx": {"mode": "external"}})
    assert {listener.port_key for listener in listeners(external)} == {
        "web.port",
        "pbx.agi_port",
        "pbx.audio_port",
    }
