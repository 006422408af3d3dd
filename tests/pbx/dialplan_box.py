"""The rendered PBX alone: a real Asterisk, our configuration, and a controller of straw."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from hotline.config import Config, load
from hotline.demo.baresip import Account
from hotline.demo.phone import MANUAL, Answering, BaresipPhone
from hotline.secrets import load_or_make, sip_password
from hotline.speech.audio import write_wav
from hotline.up.paths import PbxPaths, pbx_paths
from hotline.up.program import find_asterisk
from hotline.up.render import render
from tests.audio import tone, tone_seconds
from tests.deadline import until
from tests.system import Settings, free_ports, toml

CITIZEN_HZ = 440
AGENT_HZ = 700
# Each prompt is a tone of its own, so that a test hears which was played.
PROMPT_HZ = {
    "greeting": 1000,
    "goodbye": 1150,
    "report-please": 1300,
    "report-saved": 1450,
    "report-empty": 1600,
    "no-such-number": 1750,
    "callback-again": 1900,
}
PROMPT_SECONDS = 0.6
BOOT_SECONDS = 20.0


class StrawSession:
    """One FastAGI session, spoken by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self.env: dict[str, str] = {}

    async def read_environment(self) -> None:
        """Read what Asterisk tells first."""
        while line := (await self._reader.readline()).decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            self.env[name] = value

    async def command(self, text: str) -> str:
        """Send a command, give the answer; empty when Asterisk has hung up."""
        self.writer.write(f"{text}\n".encode())
        return (await self._reader.readline()).decode().strip()

    async def variable(self, name: str) -> str:
        """A channel variable; empty when it is not set."""
        answer = await self.command(f"GET VARIABLE {name}")
        return answer.partition("(")[2].removesuffix(")")

    async def tell(self, verb: str, **variables: object) -> None:
        """Name the next verb and end."""
        for name, value in {**variables, "HOTLINE_NEXT": verb}.items():
            await self.command(f'SET VARIABLE {name} "{value}"')
        self.writer.close()


Script = Callable[[StrawSession], Awaitable[None]]


class DialplanBox:
    """An Asterisk with the shipped dialplan in a folder of its own."""

    def __init__(self, folder: Path, sip_host: str = "127.0.0.1") -> None:
        sip, ami, agi, ws, self.citizen_port = free_ports(5)
        self.folder = folder
        settings: Settings = {
            "pbx": {
                "sip_host": sip_host,
                "sip_port": sip,
                "ami_port": ami,
                "agi_port": agi,
                "ws_port": ws,
                "trunk": f"sip:127.0.0.1:{self.citizen_port}",
            },
            "report": {"max_seconds": 10, "silence_seconds": 2},
            "queue": {"ring_seconds": 5},
        }
        file = folder / "hotline.toml"
        file.write_text(toml(settings), encoding="utf-8")
        self.config: Config = load(file)
        self._secrets = load_or_make(self.config)
        self._asterisk = find_asterisk("")
        self.paths: PbxPaths = pbx_paths(
            self.config,
            modules=self._asterisk.modules,
            data=self._asterisk.data,
            music=self._asterisk.music,
        )
        self.asks: list[dict[str, str]] = []
        self._phones = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[DialplanBox]:
        """Start it, wait until it has booted, end it."""
        self._write()
        process = await asyncio.create_subprocess_exec(
            *("setpriv", "--pdeathsig", "KILL", str(self._asterisk.path)),
            *("-C", str(self.paths.settings), "-f"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await until(self._booted, within=BOOT_SECONDS, what=self.log())
            yield self
        finally:
            process.kill()
            await process.wait()

    async def rx(self, command: str) -> str:
        """What Asterisk's command line says."""
        process = await asyncio.create_subprocess_exec(
            *(str(self._asterisk.path), "-C", str(self.paths.settings), "-rx", command),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        answer, _ = await process.communicate()
        return answer.decode(errors="replace")

    def log(self) -> str:
        """Asterisk's warnings and errors."""
        file = self.paths.log / "messages"
        return file.read_text(errors="replace") if file.exists() else ""

    @asynccontextmanager
    async def controller(self, *scripts: Script) -> AsyncIterator[None]:
        """A controller whose first, second… session follows these scripts; then nobody is there."""
        left = list(scripts)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            session = StrawSession(reader, writer)
            await session.read_environment()
            self.asks.append(session.env)
            if left:
                await left.pop(0)(session)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", self.config.pbx.agi_port)
        try:
            yield
        finally:
            server.close()

    @asynccontextmanager
    async def citizen(
        self, name: str = "", answering: Answering = MANUAL, dialled: bool = False
    ) -> AsyncIterator[BaresipPhone]:
        """A citizen's phone that says a tone; ``dialled``: the one behind the trunk."""
        account = Account("13800138000", name)
        port = self.citizen_port if dialled else 0
        async with BaresipPhone(
            account, self._tone(CITIZEN_HZ), self._phone(), answering=answering, sip_port=port
        ) as it:
            yield it

    @asynccontextmanager
    async def agent(self, answering: Answering) -> AsyncIterator[BaresipPhone]:
        """The registered desk phone 1001 that says another tone."""
        account = Account(
            "1001",
            registrar=f"127.0.0.1:{self.config.pbx.sip_port}",
            password=sip_password(self._secrets.key, "1001"),
        )
        async with BaresipPhone(
            account, self._tone(AGENT_HZ), self._phone(), answering=answering
        ) as it:
            yield it

    def sip(self, number: str = "12319") -> str:
        """The address that a citizen dials."""
        return f"sip:{number}@127.0.0.1:{self.config.pbx.sip_port}"

    def prompt(self, name: str) -> Path:
        """A prompt as the dialplan names it."""
        return self.paths.prompts / "zh" / name

    def _phone(self) -> Path:
        self._phones += 1
        return self.folder / f"phone{self._phones}"

    def _tone(self, hertz: float) -> Path:
        wav = self.folder / f"tone{hertz:g}.wav"
        if not wav.exists():
            write_wav(wav, tone(hertz, 60))
        return wav

    def quiet(self) -> Path:
        """A wav with nothing to hear."""
        wav = self.folder / "quiet.wav"
        write_wav(wav, tone(CITIZEN_HZ, 60, level=0.0))
        return wav

    async def _booted(self) -> bool:
        return "fully booted" in await self.rx("core waitfullybooted")

    def _write(self) -> None:
        self.paths.make_folders()
        for path, text in render(self.config, self._secrets, self.paths).items():
            path.write_text(text, encoding="utf-8")
            path.chmod(0o700)
        self.prompt("").mkdir(exist_ok=True)
        for name, hertz in PROMPT_HZ.items():
            write_wav(self.prompt(f"{name}.wav"), tone(hertz, PROMPT_SECONDS))


def heard(phone: BaresipPhone, prompt: str) -> bool:
    """Whether the phone was played this prompt."""
    return tone_seconds(phone.heard(), PROMPT_HZ[prompt]) >= PROMPT_SECONDS / 2
