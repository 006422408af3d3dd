"""The whole product as a user would start it, for tests: own folder, own ports, real parts."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import sqlite3
import sys
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from hotline.config import Config, load
from hotline.demo.baresip import Account
from hotline.demo.desk import Desk
from hotline.demo.phone import MANUAL, Answering, BaresipPhone
from hotline.secrets import desk_phone_password
from hotline.speech.audio import write_wav
from hotline.up.spare import NAME
from tests.audio import tone
from tests.databases import sqlite_copy
from tests.deadline import PATIENCE_S, until
from tests.logins import Logins
from tests.prompts import place_short_prompts

PASSWORD = "demo12319"
START_SECONDS = 90.0
STOP_SECONDS = 40.0
PROJECT = Path(__file__).resolve().parents[1]
_MARK = "HOTLINE_TEST_SYSTEM"

Settings = Mapping[str, Mapping[str, object]]

CITIZEN_HZ = 440
AGENT_HZ = 700


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal row."""

    seq: int
    at: float
    kind: str
    data: dict[str, Any]


class HotlineSystem:
    """``hotline up`` in a folder of its own. Times are short, and so are the prompts unless
    ``spoken``; the tables are made unless ``bare``; the rest is as shipped. ``under`` is a command
    that runs it."""

    def __init__(
        self,
        folder: Path,
        settings: Settings | None = None,
        *,
        spoken: bool = False,
        bare: bool = False,
        under: Sequence[str] = (),
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.log = folder / "up.log"
        self._under = tuple(under)
        self._logins = Logins()
        self._mark = uuid.uuid4().hex
        self._process: asyncio.subprocess.Process | None = None
        self._file = folder / "hotline.toml"
        self._file.write_text(toml(merged(_defaults(), settings or {})), encoding="utf-8")
        self.config: Config = load(self._file)
        data = self.config.hotline.data_dir
        if not spoken:
            place_short_prompts(data / "prompts")
        if not bare:
            data.mkdir(parents=True, exist_ok=True)
            sqlite_copy(data / "hotline.db")

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.config.web.port}"

    @property
    def citizen_port(self) -> int:
        """The SIP port at which the PBX believes the citizens' phones to be."""
        return int(self.config.pbx.trunk.rpartition(":")[2])

    def sip(self, number: str = "12319") -> str:
        """The address that a citizen dials."""
        return f"sip:{number}@127.0.0.1:{self.config.pbx.sip_port}"

    # --- starting and stopping ----------------------------------------------------------

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        with self.log.open("ab") as log:
            # Should pytest be killed, the system ends as by Ctrl-C.
            self._process = await asyncio.create_subprocess_exec(
                *("setpriv", "--pdeathsig", "TERM", *self._under),
                *(sys.executable, "-m", "hotline.cli", "up", "--config", str(self._file)),
                cwd=PROJECT,
                env={**os.environ, _MARK: self._mark},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        await self.ready()

    async def ready(self, within: float = START_SECONDS) -> None:
        """Wait until ``/readyz`` says yes. Raises AssertionError with the log's end."""
        deadline = time.monotonic() + within
        async with httpx.AsyncClient() as client:
            while not await self._is_ready(client):
                ended = self._process is None or self._process.returncode is not None
                if ended or time.monotonic() > deadline:
                    raise AssertionError(f"not ready:\n{self.log_text()[-3000:]}")
                await asyncio.sleep(0.05)

    async def _is_ready(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(f"{self.url}/readyz", timeout=2)).is_success
        except httpx.TransportError:
            return False

    async def stop(self) -> None:
        """End it as Ctrl-C does. Raises AssertionError when something is left or went wrong."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                status: int | None = await process.wait()
        except TimeoutError:
            status = None
        left = self.processes()
        for leftover in left:
            leftover.kill()
        assert status is not None, f"did not end in {STOP_SECONDS:g} s:\n{self.log_text()[-2000:]}"
        assert not left, f"left running: {left}"
        assert status in {0, 130}, f"ended with {status}:\n{self.log_text()[-2000:]}"

    def processes(self) -> list[psutil.Process]:
        """Every process that belongs to this system, whoever its parent is now."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            ours = process.environ().get(_MARK) == self._mark
            return ours and process.status() != psutil.STATUS_ZOMBIE
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            return False

    # --- the parts ----------------------------------------------------------------------

    def controller(self) -> psutil.Process:
        """The controller's process. Raises LookupError while there is none."""
        return self._child(lambda words: "serve" in words, but=NAME)

    def spare(self) -> psutil.Process | None:
        """The loaded controller that waits; None while there is none."""
        return next((p for p in self.processes() if _name(p) == NAME), None)

    def asterisk(self) -> psutil.Process:
        """The PBX's process. Raises LookupError while there is none."""
        return self._child(lambda words: any("asterisk.conf" in word for word in words))

    def _child(self, known: Any, but: str = "") -> psutil.Process:
        for process in self.processes():
            try:
                if known(process.cmdline()) and _name(process) != but:
                    return process
            except psutil.NoSuchProcess:
                continue
        raise LookupError("no such process runs now")

    def kill_controller(self, sig: signal.Signals = signal.SIGKILL) -> int:
        """Send the controller a signal; give the pid it had."""
        process = self.controller()
        process.send_signal(sig)
        return process.pid

    async def new_controller(self, old_pid: int) -> None:
        """Wait until another controller than ``old_pid`` is ready."""

        def replaced() -> bool:
            try:
                return self.controller().pid != old_pid
            except LookupError:
                return False

        await until(replaced, every=0.1, what="a new controller")
        await self.ready()

    # --- people -------------------------------------------------------------------------

    @asynccontextmanager
    async def desk(self, user: str, listening: bool = True) -> AsyncIterator[Desk]:
        """Somebody logged in at the pages, following the event stream."""
        async with self.logged_in(user) as desk:
            if listening:
                await desk.listen()
            yield desk

    def logged_in(self, user: str, password: str = PASSWORD) -> AbstractAsyncContextManager[Desk]:
        """Somebody logged in at the pages, with a login that nobody else uses meanwhile."""
        return self._logins.desk(self.url, user, password)

    @asynccontextmanager
    async def citizen(
        self,
        number: str = "13800138000",
        name: str = "",
        *,
        hertz: float = CITIZEN_HZ,
        dialled: bool = False,
        answering: Answering = MANUAL,
    ) -> AsyncIterator[BaresipPhone]:
        """A citizen's phone that says a tone; ``dialled``: the one that callbacks reach."""
        folder = self._phone_folder(number)
        port = self.citizen_port if dialled else 0
        phone = BaresipPhone(
            Account(number, name), self.tone(hertz), folder, answering=answering, sip_port=port
        )
        async with phone:
            yield phone

    @asynccontextmanager
    async def agent_phone(
        self, desk: Desk, *, hertz: float = AGENT_HZ, answering: Answering = MANUAL
    ) -> AsyncIterator[BaresipPhone]:
        """The desk phone of whoever is logged in at ``desk``, registered, saying a tone."""
        extension = await desk.extension()
        password = desk_phone_password(self.config, extension)
        registrar = f"127.0.0.1:{self.config.pbx.sip_port}"
        account = Account(extension, registrar=registrar, password=password)
        folder = self._phone_folder(account.number)
        async with BaresipPhone(account, self.tone(hertz), folder, answering=answering) as it:
            yield it

    @asynccontextmanager
    async def ready_agent(
        self, user: str = "agent1", *, answering: Answering = MANUAL
    ) -> AsyncIterator[tuple[Desk, BaresipPhone]]:
        """An agent who is signed on and ready, with a desk phone; signed off at the end."""
        async with AsyncExitStack() as stack:
            desk = await stack.enter_async_context(self.desk(user))
            phone = await stack.enter_async_context(self.agent_phone(desk, answering=answering))
            await until(lambda: reachable(desk), what=f"{user}'s phone is seen")
            await desk.become("ready")
            try:
                yield desk, phone
            finally:
                await signed_off(desk)

    def tone(self, hertz: float) -> Path:
        """A wav with a long tone."""
        wav = self.folder / f"tone{hertz:g}.wav"
        if not wav.exists():
            write_wav(wav, tone(hertz, 300))
        return wav

    def _phone_folder(self, number: str) -> Path:
        phones = self.folder / "phones"
        phones.mkdir(exist_ok=True)
        return phones / f"{number}-{len(list(phones.iterdir()))}"

    # --- what happened ------------------------------------------------------------------

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Read the database beside the running system."""
        path = self.config.hotline.data_dir / "hotline.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(sql, values).fetchall()

    def journal(self, *kinds: str, call_id: str = "", after: int = 0) -> list[Entry]:
        """The journal's entries of these kinds (all when none is named) after ``after``."""
        rows = self.rows(
            "SELECT seq, at, kind, data FROM journal WHERE seq > ? "
            "AND (? = '[]' OR kind IN (SELECT value FROM json_each(?))) ORDER BY seq",
            *(after, json.dumps(kinds), json.dumps(kinds)),
        )
        entries = [Entry(r["seq"], r["at"], r["kind"], json.loads(r["data"])) for r in rows]
        return [e for e in entries if not call_id or e.data.get("call_id") == call_id]

    def last_seq(self) -> int:
        """The journal's last number; 0 for an empty one."""
        return int(self.rows("SELECT coalesce(max(seq), 0) AS last FROM journal")[0]["last"])

    async def journalled(
        self, kind: str, *, after: int = 0, within: float = PATIENCE_S, **data: object
    ) -> Entry:
        """Wait for the first entry of this kind with these data."""

        def found() -> Entry | None:
            for entry in self.journal(kind, after=after):
                if all(entry.data.get(name) == value for name, value in data.items()):
                    return entry
            return None

        what = f"{kind} {data} in the journal"
        try:
            return await until(found, within=within, what=what)
        except AssertionError as error:
            story = [f"{e.seq} {e.kind} {e.data}" for e in self.journal(after=after)]
            raise AssertionError(f"{error}; the journal:\n" + "\n".join(story)) from None

    def log_size(self) -> int:
        """How many bytes the system has logged."""
        return self.log.stat().st_size if self.log.exists() else 0

    def log_text(self, start: int = 0) -> str:
        """What the system logged, from a byte offset on."""
        data = self.log.read_bytes() if self.log.exists() else b""
        return data[start:].decode(errors="replace")


def _name(process: psutil.Process) -> str:
    # Not psutil's name(), which is kept from the first time it was asked for.
    try:
        return Path(f"/proc/{process.pid}/comm").read_text(encoding="utf-8").strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


async def reachable(desk: Desk) -> bool:
    """Whether the PBX sees a phone of whoever is at ``desk``."""
    return bool((await desk.agent())["reachable"])


async def signed_off(desk: Desk) -> None:
    """End whatever the agent is in, and sign them off."""
    await desk.become("offline")
    view = await desk.agent()
    if view["state"] == "talking":
        await desk.post("/api/agent/hang-up")
    if view["state"] != "offline":
        view = await until(lambda: _state_among(desk, "wrap_up", "offline"), what="the talk's end")
    if view["state"] == "wrap_up":
        await desk.post("/api/agent/wrap-up/end")
        await until(lambda: _state_among(desk, "offline"), what=f"{desk.user} is signed off")


async def _state_among(desk: Desk, *states: str) -> dict[str, Any] | None:
    view = await desk.agent()
    return view if view["state"] in states else None


def free_ports(count: int) -> list[int]:
    """Ports free on UDP and TCP, below the range that outgoing connections use."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(10_000, 32_000)
        if port not in found and all(map(_is_free, (port, port), _KINDS)):
            found.append(port)
    return found


_KINDS = (socket.SOCK_STREAM, socket.SOCK_DGRAM)


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _defaults() -> Settings:
    web, ami, agi, audio, sip, ws, citizen = free_ports(7)
    rtp = random.randrange(40_000, 59_000, 200)
    return {
        # A second controller to load would make each test's start slower.
        "hotline": {"demo": True, "spare_controller": False},
        "web": {"port": web},
        # Nor do they need a whole city.
        "registry": {"sample_city": False},
        "pbx": {
            "ami_port": ami,
            "agi_port": agi,
            "audio_port": audio,
            "sip_port": sip,
            "ws_port": ws,
            "rtp_start": rtp,
            "rtp_end": rtp + 199,
            "trunk": f"sip:127.0.0.1:{citizen}",
            "lease_seconds": 5,
        },
        "queue": {
            "ring_seconds": 5,
            "wrap_up_seconds": 20,
            "overflow_seconds": 60,
            "miss_pause_seconds": 5,
            # Tests ring in from the same numbers: who is asked must not depend on earlier ones.
            "first_agent_days": 0,
        },
        "report": {"max_seconds": 20, "silence_seconds": 3},
        "recording": {"min_free_mb": 0},
        "callback": {"ring_seconds": 6},
    }


def merged(base: Settings, over: Settings) -> Settings:
    """``base`` with the keys of ``over`` put in."""
    names = [*base, *(name for name in over if name not in base)]
    return {name: {**base.get(name, {}), **over.get(name, {})} for name in names}


def toml(settings: Settings) -> str:
    """Settings as a hotline.toml."""
    lines: list[str] = []
    for name, section in settings.items():
        lines.append(f"[{name}]")
        lines += [f"{key} = {_toml_value(value)}" for key, value in section.items()]
    return "\n".join(lines) + "\n"


def _toml_value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml_value(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml_value, value)) + "]"
    # JSON's numbers, strings and booleans are TOML's too.
    return json.dumps(value)


def faults(log: str, allowed: Sequence[str] = ()) -> list[str]:
    """Lines of a log that no test should leave behind: errors and tracebacks."""
    bad = [line for line in log.splitlines() if '"level": "error"' in line or "Traceback" in line]
    return [line for line in bad if not any(word in line for word in allowed)]
