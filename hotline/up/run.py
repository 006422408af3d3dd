"""``hotline up``: from the command to the end of the last process."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from time import monotonic

from hotline import secrets
from hotline.config import Config, ConfigError, load
from hotline.up import music, ports, steps
from hotline.up.lock import only_one
from hotline.up.paths import pbx_paths
from hotline.up.program import find_asterisk
from hotline.up.show import Show
from hotline.up.supervisor import Plan, Supervisor

_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(config_path: Path) -> None:
    """Run the hotline until Ctrl-C, SIGTERM or SIGHUP; nothing is left then.

    Raises :class:`~hotline.config.ConfigError`, :class:`~hotline.up.faults.SetupFault`; nothing
    is left then either.
    """
    since = monotonic()
    show = Show()
    config = load(config_path)
    if faults := ports.clashes(config):
        raise ConfigError("\n".join(f"{config_path}: {fault}" for fault in faults))
    steps.check_front_end()
    with only_one(config.hotline.data_dir):
        plan = _plan(config_path.resolve(), config, show)
        asyncio.run(_serve(plan, show, since))


def _plan(config_path: Path, config: Config, show: Show) -> Plan:
    asterisk = None
    paths = pbx_paths(config)
    if config.pbx.mode == "managed":
        # What citizens say, and their numbers, are no other user's of this machine. An Asterisk
        # that is not ours may run as one.
        os.umask(0o077)
        found = find_asterisk(config.pbx.asterisk)
        asterisk = found.path
        heard = found.music and music.ready(found.music, config.hotline.data_dir / "pbx" / "music")
        paths = pbx_paths(config, modules=found.modules, data=found.data, music=heard)
        show.tell(f"Asterisk {found.version}: {found.path}")
        if found.music is None:
            show.tell("no music on hold is installed: waiting callers will hear silence")
    paths.make_folders()
    return Plan(config_path, config, secrets.load_or_make(config), paths, asterisk)


async def _serve(plan: Plan, show: Show, since: float) -> None:
    supervisor = Supervisor(plan, show)
    stop = _listen(supervisor)
    async with AsyncExitStack() as stack:
        starting = asyncio.create_task(supervisor.start(stack))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
        else:
            await starting
            show.ready(plan.config, supervisor.controller_log, monotonic() - since)
            await stopping
        show.tell("ending")


def _listen(supervisor: Supervisor) -> asyncio.Event:
    """Set at the first signal; at the second Ctrl-C nothing is waited for any more."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def heard() -> None:
        if stop.is_set():
            supervisor.kill()
        stop.set()

    for number in _STOPS:
        loop.add_signal_handler(number, heard)
    return stop
