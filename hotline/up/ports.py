"""Whether what is to listen can listen, told by the names of ``hotline.toml``."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import combinations
from typing import Literal

import psutil

from hotline.config import Config

Kind = Literal["tcp", "udp"]
_SOCKETS: dict[Kind, socket.SocketKind] = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
# Two ports (RTP and RTCP) for each leg of a few calls.
_FEWEST_RTP_PORTS = 8


@dataclass(frozen=True, slots=True)
class Listener:
    """Something that will listen; ``section`` and ``name`` make its keys (``web``, ``port``)."""

    section: str
    name: str
    host: str
    port: int
    kind: Kind

    @property
    def port_key(self) -> str:
        """The key that sets the port."""
        return f"{self.section}.{self.name}port"

    @property
    def host_key(self) -> str:
        """The key that sets the address."""
        return f"{self.section}.{self.name}host"


def listeners(config: Config) -> list[Listener]:
    """All that this configuration makes listen."""
    pbx = config.pbx
    ours = [
        Listener("web", "", config.web.host, config.web.port, "tcp"),
        Listener("pbx", "agi_", pbx.agi_host, pbx.agi_port, "tcp"),
    ]
    if config.hears_callers:
        ours.append(Listener("pbx", "audio_", pbx.audio_host, pbx.audio_port, "tcp"))
    if pbx.mode == "external":
        return ours
    return [
        *ours,
        Listener("pbx", "ami_", pbx.ami_host, pbx.ami_port, "tcp"),
        Listener("pbx", "ws_", pbx.ws_host, pbx.ws_port, "tcp"),
        Listener("pbx", "sip_", pbx.sip_host, pbx.sip_port, "udp"),
    ]


def clashes(config: Config) -> list[str]:
    """Ports that the configuration gives twice, one line each."""
    found = [
        f"{one.port_key} and {other.port_key} are both {one.port}; change one in hotline.toml"
        for one, other in combinations(listeners(config), 2)
        if (one.kind, one.port) == (other.kind, other.port) and _overlap(one.host, other.host)
    ]
    pbx = config.pbx
    if pbx.mode == "managed" and pbx.rtp_end - pbx.rtp_start + 1 < _FEWEST_RTP_PORTS:
        found.append(
            f"pbx.rtp_start to pbx.rtp_end ({pbx.rtp_start} to {pbx.rtp_end}) leaves fewer than "
            f"{_FEWEST_RTP_PORTS} ports for speech"
        )
    if pbx.mode == "managed" and pbx.rtp_start <= pbx.sip_port <= pbx.rtp_end:
        found.append(
            f"pbx.sip_port {pbx.sip_port} lies between pbx.rtp_start and pbx.rtp_end; move one"
        )
    return found


def taken(wanted: Sequence[Listener], ours: int | None = None) -> list[str]:
    """Those that cannot listen, one line each; what the process ``ours`` holds counts as free."""
    return [why for listener in wanted if (why := _why_not(listener, ours))]


def _why_not(listener: Listener, ours: int | None) -> str:
    failure = _try_to_bind(listener)
    host, port = listener.host, listener.port
    match failure:
        case None:
            return ""
        case socket.gaierror():
            return f"{listener.host_key}: {host!r} is no address and no known name"
        case OSError(errno=errno.EADDRNOTAVAIL):
            return f"{listener.host_key}: {host} is not an address of this machine"
        case OSError(errno=errno.EACCES):
            return f"{listener.port_key}: {port} is for root; use 1024 or above"
        case OSError(errno=errno.EADDRINUSE):
            holder = _holder(listener)
            return "" if holder and holder == ours else _taken(listener, holder)
        case _:
            return f"{listener.port_key}: {host}:{port}: {failure.strerror}"


def _try_to_bind(listener: Listener) -> OSError | None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            listener.host, listener.port, type=_SOCKETS[listener.kind], flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            if listener.kind == "tcp":
                # As servers do: connections of a moment ago do not count.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            if listener.kind == "tcp":
                probe.listen(1)
    except OSError as error:
        return error
    return None


def _holder(listener: Listener) -> int | None:
    """The process that listens there, None when it cannot be seen (another user's)."""
    for connection in psutil.net_connections(listener.kind):
        if not connection.laddr or connection.laddr.port != listener.port:
            continue
        if listener.kind == "tcp" and connection.status != psutil.CONN_LISTEN:
            continue
        if _overlap(connection.laddr.ip, listener.host):
            return connection.pid
    return None


def _taken(listener: Listener, holder: int | None) -> str:
    return (
        f"{listener.port_key}: {listener.port} is taken{_by(holder)}; "
        "set another in hotline.toml or end that program"
    )


def _by(pid: int | None) -> str:
    if pid is None:
        return " by another program"
    try:
        return f" by {psutil.Process(pid).name()} (process {pid})"
    except psutil.NoSuchProcess:
        return ""


def _overlap(one: str, other: str) -> bool:
    if one == other or _is_everywhere(one) or _is_everywhere(other):
        return True
    return {one, other} == {"localhost", "127.0.0.1"}


def _is_everywhere(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False
