"""Starts Asterisk and the controller, keeps them running, and ends them.

Asterisk holds the calls and the controller decides about them, so neither takes the other down:
a controller that dies is started again beside the calls that go on. Should this process be
killed, the controller dies with it and Asterisk lives; the next start takes that one over.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from hotline.config import Config
from hotline.secrets import Secrets
from hotline.up import steps
from hotline.up.children import Adopted, Child, Command, end
from hotline.up.external import check_ami
from hotline.up.faults import SetupFault
from hotline.up.keeper import Keeper
from hotline.up.living import Living, find_living
from hotline.up.paths import PbxPaths
from hotline.up.ports import listeners, taken
from hotline.up.render import render
from hotline.up.show import Show, page_url
from hotline.up.spare import Spare

READY_S = 60.0
_POLL_S = 0.05
# The controller of a start that was killed a moment ago may still be letting go of its ports.
_PORTS_S = 1.0
_CONTROLLER_STOP_S = 8.0
_ASTERISK_STOP_S = 6.0
# A log is begun anew above this size; the one before is kept.
_LOG_BYTES = 50 * 2**20


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run. ``asterisk`` None: it is not ours to run."""

    config_path: Path
    config: Config
    secrets: Secrets
    paths: PbxPaths
    asterisk: Path | None


class Supervisor:
    """One ``hotline up``."""

    def __init__(self, plan: Plan, show: Show) -> None:
        self._plan = plan
        self._show = show
        self._keepers: list[Keeper] = []
        self._spare = Spare(partial(self._load_controller, spare=True))
        self._spares = False

    async def start(self, stack: AsyncExitStack) -> None:
        """Make everything ready and wait until it is; ``stack`` ends what was started.

        Raises :class:`SetupFault`; an Asterisk that ran before then runs on.
        """
        try:
            await self._start(stack)
        except SetupFault:
            for keeper in self._keepers:
                keeper.spare_adopted()
            raise

    async def _start(self, stack: AsyncExitStack) -> None:
        config = self._plan.config
        living = await self._find_living()
        await self._check_ports(living)
        living = await self._render(living)
        if self._plan.asterisk is None:
            with self._show.step(f"AMI at {config.pbx.ami_host}:{config.pbx.ami_port}"):
                await check_ami(config.pbx, self._plan.secrets.ami)
        else:
            await self._begin(
                *(stack, "Asterisk", self._start_asterisk, _ASTERISK_STOP_S),
                running=living.program if living else None,
            )
        with self._show.step("prompts"):
            await steps.make_prompts(config, self._plan.paths)
        with self._show.step("database"):
            await steps.migrate_database(config)
        with self._show.step("controller"):
            await self._begin(stack, "the controller", self._start_controller, _CONTROLLER_STOP_S)
            await self._come_up()
        if config.hotline.spare_controller:
            stack.push_async_callback(self._spare.stop)
            self._spares = True
            self._spare.prepare()

    def kill(self) -> None:
        """End everything at once."""
        for keeper in self._keepers:
            keeper.kill()

    @property
    def controller_log(self) -> Path | None:
        """Where the controller's log goes; None: where ours goes."""
        log = self._plan.config.hotline.data_dir / "log" / "controller.log"
        return log if self._show.terminal else None

    # --- before -------------------------------------------------------------------------

    async def _find_living(self) -> Living | None:
        if self._plan.asterisk is None:
            return None
        return await find_living(self._plan.asterisk, self._plan.paths)

    async def _check_ports(self, living: Living | None) -> None:
        wanted = listeners(self._plan.config)
        ours = living.program.pid if living else None
        deadline = asyncio.get_running_loop().time() + _PORTS_S
        while faults := taken(wanted, ours):
            if asyncio.get_running_loop().time() > deadline:
                raise SetupFault("\n".join(faults))
            await asyncio.sleep(_POLL_S)

    async def _render(self, living: Living | None) -> Living | None:
        """Write the PBX's configuration; the Asterisk that goes on with it, if one runs."""
        plan = self._plan
        new = steps.changed(render(plan.config, plan.secrets, plan.paths))
        if living and new and living.channels:
            raise SetupFault(
                f"an Asterisk from before (process {living.program.pid}) carries calls "
                f"({living.channels} channels), and hotline.toml or the program changed since: "
                "take the change back, or end that process and its calls"
            )
        if living and new:
            await end(living.program, _ASTERISK_STOP_S)
            living = None
        steps.write(new)
        if living:
            self._show.tell(f"Asterisk runs already ({living.channels} channels): it goes on")
        return living

    # --- starting -----------------------------------------------------------------------

    async def _begin(
        self,
        stack: AsyncExitStack,
        name: str,
        start: Callable[[], Awaitable[Child]],
        stop_s: float,
        running: Adopted | None = None,
    ) -> None:
        keeper = Keeper(name, start, self._show.tell, stop_s)
        stack.push_async_callback(keeper.stop)
        try:
            await keeper.begin(running)
        except OSError as error:
            raise SetupFault(f"{name} cannot be started: {error}") from error
        self._keepers.append(keeper)

    async def _start_asterisk(self) -> Child:
        paths = self._plan.paths
        words = (self._plan.asterisk or "asterisk", "-C", paths.settings, "-f")
        return await Command(words, log=_fresh_log(paths.log / "console")).start()

    async def _start_controller(self) -> Child:
        spare = await self._spare.take()
        if self._spares:
            self._spare.prepare()
        return spare or await self._load_controller()

    async def _load_controller(self, *, spare: bool = False) -> Child:
        words = (sys.executable, "-m", "hotline.cli", "serve", "--config", self._plan.config_path)
        waits = ("--spare",) if spare else ()
        log = self.controller_log
        command = Command((*words, *waits), log=log and _fresh_log(log), bound=True, told=spare)
        return await command.start()

    async def _come_up(self) -> None:
        """Wait until the controller says that all is up, or something ended."""
        ready = asyncio.create_task(self._ready())
        watched: list[asyncio.Future[Any]] = [k.ended_early for k in self._keepers]
        try:
            await asyncio.wait([ready, *watched], return_when=asyncio.FIRST_COMPLETED)
            for keeper in self._keepers:
                if keeper.ended_early.done():
                    raise SetupFault(self._why_ended(keeper))
            await ready
        finally:
            ready.cancel()
        for keeper in self._keepers:
            keeper.now_ready()

    async def _ready(self) -> None:
        deadline = asyncio.get_running_loop().time() + READY_S
        missing = "it does not answer"
        while asyncio.get_running_loop().time() < deadline:
            missing = await asyncio.to_thread(_not_ready, f"{page_url(self._plan.config)}readyz")
            if not missing:
                return
            await asyncio.sleep(_POLL_S)
        raise SetupFault(f"the controller is not ready after {READY_S:g} s: {missing}")

    def _why_ended(self, keeper: Keeper) -> str:
        logs = [self._plan.paths.log / "messages", self._plan.paths.log / "console"]
        if keeper.name != "Asterisk":
            logs = [self.controller_log] if self.controller_log else []
        why = f"{keeper.name} ended at once ({keeper.ended_early.result()})"
        lines = [line for log in logs for line in _last_errors(log)]
        return f"{why}: {lines[-1]}; all of it: {logs[0]}" if lines else why


def _last_errors(log: Path) -> list[str]:
    try:
        lines = log.read_text(errors="replace").splitlines()[-200:]
    except OSError:
        return []
    return [line.strip() for line in lines if "error" in line.lower()]


def _fresh_log(log: Path) -> Path:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_name(f"{log.name}.1"))
    return log


def _not_ready(url: str) -> str:
    """What the controller still waits for; empty when it is ready."""
    try:
        with urlopen(url, timeout=2):  # noqa: S310 - our own pages, over HTTP
            return ""
    except HTTPError as error:
        components = json.loads(error.read()).get("components", {})
        return ", ".join(f"{name} is {state}" for name, state in components.items())
    except (OSError, ValueError) as error:
        return f"its pages do not answer ({error})"
