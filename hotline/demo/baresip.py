"""Where baresip is, and how one process of it is configured."""

from __future__ import annotations

import os
import shutil
import socket
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

_CONFIGURATION = """\
poll_method epoll
sip_listen 127.0.0.1:{sip_port}
net_interface 127.0.0.1
call_local_timeout 300
call_max_calls 4
audio_path .
audio_player aubridge,ear{control_port}
audio_source aufile,{source}
audio_alert aubridge,bell{control_port}
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
audio_txmode thread
audio_level no
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
rtp_ports 20000-39999
rtp_timeout 0
jitter_buffer_delay 1-2
rtcp_mux no
module_path {modules}
module g711.so
module aubridge.so
module aufile.so
module sndfile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control_port}
snd_path .
menu_bell no
ringback_disabled yes
statmode_default off
"""


class BaresipMissing(RuntimeError):
    """No baresip is to be found; the message says where one was looked for."""


@dataclass(frozen=True, slots=True)
class Baresip:
    """A baresip that can be run: the program and the folder of its modules."""

    program: Path
    modules: Path


@dataclass(frozen=True, slots=True)
class Account:
    """Who a phone is. With a ``registrar`` (``host:port``) it registers there as ``number``."""

    number: str
    name: str = ""
    registrar: str = ""
    password: str = ""

    def line(self) -> str:
        """The account as baresip's ``accounts`` file has it.

        Raises :class:`ValueError` for a number or name that would break out of its place.
        """
        if not self.number.isalnum() or set(self.name) & set('"\\\r\n'):
            raise ValueError(f"baresip cannot be {self.name!r} <{self.number!r}>")
        shown = f'"{self.name}" ' if self.name else ""
        options = "audio_codecs=PCMA,PCMU;dtmfmode=rtpevent;answermode=manual;catchall=yes"
        if not self.registrar:
            return f"{shown}<sip:{self.number}@127.0.0.1>;regint=0;{options}"
        login = f"auth_user={self.number};auth_pass={self.password};regint=300"
        return f"{shown}<sip:{self.number}@{self.registrar}>;{login};{options}"


def find_baresip() -> Baresip:
    """The baresip of ``HOTLINE_BARESIP``, else the one the set-up obtained, else the machine's.

    Raises :class:`BaresipMissing`.
    """
    root = Path(__file__).resolve().parents[2]
    named = os.environ.get("HOTLINE_BARESIP")
    on_path = shutil.which("baresip")
    obtained = root / ".build" / "phones" / "bin" / "baresip"
    for candidate in (named, obtained, on_path):
        if candidate and Path(candidate).exists():
            program = Path(candidate).resolve()
            return Baresip(program, _modules(program))
    raise BaresipMissing(
        f"no baresip: neither HOTLINE_BARESIP nor {obtained} nor one on the PATH; "
        "make phones obtains one"
    )


def _modules(program: Path) -> Path:
    beside = (folder / "root/usr/lib/baresip/modules" for folder in program.parents[:2])
    # One after the other: every phone looks here, and a walk through /usr/lib takes its time.
    for folder in chain(beside, Path("/usr/lib").glob("**/baresip/modules")):
        if (folder / "ctrl_tcp.so").exists():
            return folder
    raise BaresipMissing(f"{program} is there, but its modules (ctrl_tcp.so) are not")


def configure(
    folder: Path, account: Account, source: str, baresip: Baresip, sip_port: int = 0
) -> tuple[int, int]:
    """Write a phone's configuration below ``folder``; give its SIP and its control port.

    The phone is to run in that folder: ``source`` is a name there, since baresip cuts paths of
    sounds at 128 bytes without a word.

    ``sip_port`` 0 takes a free one. Raises :class:`OSError` when no port can be had.
    """
    sip_port = sip_port or _free_sip_port()
    control_port = _free_port()
    values = {"source": source, "modules": baresip.modules}
    text = _CONFIGURATION.format(sip_port=sip_port, control_port=control_port, **values)
    (folder / "config").write_text(text, encoding="utf-8")
    (folder / "accounts").write_text(account.line() + "\n", encoding="utf-8")
    return sip_port, control_port


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _free_sip_port() -> int:
    for _ in range(50):
        port = _free_port()
        # baresip takes the port on UDP and TCP, and the next one on TCP for TLS.
        if _can_bind(socket.SOCK_DGRAM, port) and _can_bind(socket.SOCK_STREAM, port + 1):
            return port
    raise OSError("no two free ports in a row for a phone")


def _can_bind(kind: socket.SocketKind, port: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
