"""A small real Asterisk of a test's own: temporary folder, free ports, loopback only.

The program is the one that ``HOTLINE_ASTERISK`` names, else the one that the set-up obtained,
else one on the PATH.
"""

from __future__ import annotations

import math
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import wave
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).parents[1]
BOOT_SECONDS = 30.0

# What the telephony layer is tried with; a short list boots in a fraction of a second.
MODULES = """
res_timing_timerfd res_sorcery_config res_sorcery_memory res_sorcery_astdb res_pjproject
res_pjsip res_pjsip_session res_pjsip_pubsub res_pjsip_registrar res_pjsip_authenticator_digest
res_pjsip_endpoint_identifier_user res_pjsip_endpoint_identifier_ip res_pjsip_sdp_rtp
res_pjsip_caller_id res_pjsip_nat res_pjsip_rfc3326 res_rtp_asterisk chan_pjsip bridge_simple
bridge_native_rtp bridge_builtin_features bridge_holding format_wav format_pcm codec_ulaw
codec_alaw codec_g722 codec_resample codec_opus_open_source res_format_attr_opus res_musiconhold
res_speech res_agi pbx_config app_dial app_playback app_queue app_mixmonitor app_record
app_senddtmf app_userevent app_stack app_verbose app_exec res_clioriginate func_strings
app_milliwatt app_echo res_http_websocket res_pjsip_transport_websocket res_srtp res_crypto
res_audiosocket chan_audiosocket app_chanspy
func_channel func_callerid func_timeout func_logic func_global func_env func_db func_uri
"""


def asterisk_program() -> Path | None:
    """The Asterisk to try with, None when this machine has none."""
    named = os.environ.get("HOTLINE_ASTERISK")
    if named:
        return Path(named)
    for built in (PROJECT / ".build/pbx/bin/asterisk", PROJECT / ".build/pbx/asterisk"):
        if built.exists():
            return built
    found = shutil.which("asterisk")
    return Path(found) if found else None


def free_port() -> int:
    """A TCP port that nobody had a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tone(path: Path, seconds: float) -> None:
    """Write a low hum that every telephone codec carries: 8 kHz, 16 bits, mono."""
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        samples = (
            int(8000 * math.sin(i * math.tau * 220 / 8000)) for i in range(int(8000 * seconds))
        )
        out.writeframes(array("h", samples).tobytes())


def _beside(program: Path, pattern: str, otherwise: str) -> Path:
    """A folder of an unpacked Asterisk (``root`` beside or above its program), or the system's."""
    for folder in program.resolve().parents[:2]:
        found = sorted((folder / "root").glob(pattern))
        if found:
            return found[0]
    return next(iter(sorted(Path("/").glob(pattern))), Path(otherwise))


@dataclass
class AsteriskBox:
    """One Asterisk; a context manager that starts it and leaves nothing behind."""

    extensions: str = ""
    manager_read: str = "all"
    manager_write: str = "all"
    secret: str = "s3cret"
    without: frozenset[str] = frozenset()
    files: Mapping[str, str] = field(default_factory=dict)
    autostart: bool = True

    def __post_init__(self) -> None:
        program = asterisk_program()
        assert program is not None, "no Asterisk; the fixture should have skipped"
        self.program = program
        # Short, since the path of Asterisk's control socket has at most 107 bytes.
        self.home = Path(tempfile.mkdtemp(prefix="hotline-ast-"))
        self.ami_port = free_port()
        self.sip_port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._write_config()

    def __enter__(self) -> AsteriskBox:
        if self.autostart:
            self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self.home)

    @property
    def log(self) -> str:
        """What this Asterisk said so far."""
        return (self.home / "log/messages").read_text(errors="replace")

    def start(self) -> None:
        """Start it and wait until it is fully booted."""
        with (self.home / "console").open("ab") as console:
            self.process = subprocess.Popen(
                [self.program, "-C", self.home / "etc/asterisk.conf", "-f"],
                stdout=console,
                stderr=console,
                stdin=subprocess.DEVNULL,
            )
        deadline = time.monotonic() + BOOT_SECONDS
        while "fully booted" not in self.rx("core waitfullybooted"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((self.home / "console").read_text()[-2000:])
            time.sleep(0.05)

    def rx(self, command: str) -> str:
        """What the command line says to ``command``; complaints included."""
        done = subprocess.run(
            [self.program, "-C", self.home / "etc/asterisk.conf", "-rx", command],
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
        return done.stdout + done.stderr

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, such as SIGSTOP."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def _write_config(self) -> None:
        for name in ("etc", "run", "log", "spool", "db", "keys", "moh"):
            (self.home / name).mkdir()
        modules = _beside(self.program, "usr/lib/*/asterisk/modules", "/usr/lib/asterisk/modules")
        data = _beside(self.program, "usr/share/asterisk", "/usr/share/asterisk")
        loads = "\n".join(
            f"load = {name}.so" for name in MODULES.split() if name not in self.without
        )
        texts = {
            "asterisk.conf": f"[directories]\nastetcdir={self.home}/etc\nastmoddir={modules}\n"
            f"astdatadir={data}\nastvarlibdir={data}\nastdbdir={self.home}/db\n"
            f"astkeydir={self.home}/keys\nastspooldir={self.home}/spool\n"
            f"astrundir={self.home}/run\nastlogdir={self.home}/log\nastagidir={self.home}/etc\n"
            "[options]\nhideconnect=yes\n",
            "modules.conf": f"[modules]\nautoload=no\n{loads}\n",
            "logger.conf": "[general]\n[logfiles]\nmessages => notice,warning,error,verbose(3)\n",
            "manager.conf": f"[general]\nenabled=yes\nbindaddr=127.0.0.1\nport={self.ami_port}\n"
            "channelvars=HOTLINE_CALLED,HOTLINE_STAGE\n"
            f"[hotline]\nsecret={self.secret}\nread={self.manager_read}\n"
            f"write={self.manager_write}\n",
            "pjsip.conf": "[udp]\ntype=transport\nprotocol=udp\n"
            f"bind=127.0.0.1:{self.sip_port}\n" + self._phones(),
            "extensions.conf": self.extensions,
            "queues.conf": "[general]\npersistentmembers=yes\n[hotline-fallback]\n",
            "musiconhold.conf": f"[hotline]\nmode=files\ndirectory={self.home}/moh\n",
            "rtp.conf": "[general]\nrtpstart=20000\nrtpend=30000\n",
            **self.files,
        }
        for name, text in texts.items():
            (self.home / "etc" / name).write_text(text)
        tone(self.home / "moh/hum.wav", 5.0)

    def _phones(self) -> str:
        return "".join(
            f"[{number}]\ntype=endpoint\ncontext=phones\naors={number}\nallow=!all,ulaw\n"
            f"[{number}]\ntype=aor\nmax_contacts=1\nremove_existing=yes\n"
            for number in ("1001", "1002")
        )
