"""What ``hotline up`` tells whoever started it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from rich.console import Console

from hotline.config import Config


class Show:
    """Steps as they are taken, with their times on a terminal; plain lines elsewhere."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(file=sys.stdout, highlight=False)

    @property
    def terminal(self) -> bool:
        """Whether a person watches."""
        return self._console.is_terminal

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One step, from its beginning to its end."""
        since = time.monotonic()
        waiting: AbstractContextManager[object] = nullcontext()
        if self.terminal:
            waiting = self._console.status(name)
        with waiting:
            yield
        took = time.monotonic() - since
        mark = "  ✓ " if self.terminal else ""
        self._line(f"{mark}{name}", f"{took:.1f} s", style="dim")

    def tell(self, text: str) -> None:
        """A line that is no step."""
        self._console.print(text, markup=False, soft_wrap=True)

    def ready(self, config: Config, log: Path | None, seconds: float) -> None:
        """Where everything is, now that it runs."""
        self.tell("")
        self.tell(f"{config.hotline.name} is ready ({seconds:.1f} s).")
        for label, text in _facts(config, log).items():
            self._line(f"  {label:<8}", text)
        self.tell("")

    def _line(self, left: str, right: str, style: str | None = None) -> None:
        self._console.print(f"{left}  ", end="", markup=False)
        self._console.print(right, style=style, markup=False, soft_wrap=True)


def _facts(config: Config, log: Path | None) -> dict[str, str]:
    number, pbx = config.hotline.number, config.pbx
    facts = {"Pages": page_url(config)}
    if config.hotline.demo:
        facts["Logins"] = demo_logins()
        facts["Calls"] = "make demo, in another terminal: synthetic citizens ring in"
    else:
        facts["Logins"] = "hotline user add, in another terminal"
    if pbx.mode == "managed":
        facts["By phone"] = f"dial sip:{number}@{pbx.sip_host}:{pbx.sip_port} from a SIP phone"
    if log is not None:
        facts["Log"] = str(log)
    return facts | {"End it": "Ctrl-C"}


def demo_logins() -> str:
    """The demo's login names and their password."""
    # Here: only the demo pays for it.
    from hotline.demo.accounts import DEMO_PASSWORD  # noqa: PLC0415
    from hotline.storage.profiles import DEMO_PROFILES  # noqa: PLC0415

    return f"{', '.join(DEMO_PROFILES)}; password {DEMO_PASSWORD} (demo only)"


def page_url(config: Config) -> str:
    """The pages' address, as a browser on this machine reaches them."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.web.host, config.web.host)  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{config.web.port}/"
