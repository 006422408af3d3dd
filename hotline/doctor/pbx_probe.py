"""Ask an Asterisk over AMI what it is and what we may do; a program of its own.

Reads one JSON object (host, port, user, secret, modules, queue) and writes one JSON object a
line, each as soon as it is known: pyst2 waits for ever on a peer that hangs or is no AMI, and
whoever started this ends it then and still has what was found before.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import Any

from asterisk.manager import Manager, ManagerAuthException, ManagerException

BOOT_SECONDS = 2.0


def say(**facts: object) -> None:
    """Write what is known."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def ask(request: dict[str, Any]) -> None:
    """The whole conversation."""
    manager = Manager()
    booted = threading.Event()
    manager.register_event("FullyBooted", lambda event, _: booted.set())
    manager.connect(request["host"], request["port"])
    say(connected=True, banner=str(manager.title or ""))
    login = {"Action": "Login", "Username": request["user"], "Secret": request["secret"]}
    # Not channel events: pyst2 cannot read their ChanVariable lines on Python 3.
    answer = manager.send_action({**login, "Events": "system"})
    if answer.get_header("Response") != "Success":
        say(refused=answer.get_header("Message", ""))
        return
    say(refused="", booted=booted.wait(BOOT_SECONDS))
    say(actions=sorted(set(_headers(manager, "ListCommands")) - {"Response", "ActionID"}))
    say(version=_headers(manager, "CoreSettings").get("AsteriskVersion", ""))
    say(clock_off_s=_clock_off(manager))
    say(modules={name: _loaded(manager, name) for name in request["modules"]})
    say(members=_members(manager, request["queue"]))


def _headers(manager: Manager, action: str, **fields: str) -> dict[str, str]:
    return dict(manager.send_action({"Action": action, **fields}).headers)


def _clock_off(manager: Manager) -> float | None:
    """Seconds by which Asterisk's clock is ahead of ours, None when it does not tell."""
    before = time.time()
    told = _headers(manager, "Ping").get("Timestamp", "")
    after = time.time()
    return float(told) - (before + after) / 2 if told else None


def _loaded(manager: Manager, module: str) -> bool | None:
    """Whether a module is loaded, None when we may not ask."""
    answer = _headers(manager, "ModuleCheck", Module=module)
    if answer.get("Response") == "Success":
        return True
    return False if "not loaded" in answer.get("Message", "") else None


def _members(manager: Manager, queue: str) -> list[str] | None:
    """The queue's members, None when there is no such queue."""
    answer = manager.send_action({"Action": "QueueStatus", "Queue": queue})
    lines = [line.strip() for line in answer.response]
    if "Event: QueueParams" not in lines:
        return None
    return [line.partition(": ")[2] for line in lines if line.startswith("Location: ")]


def main() -> int:
    """0 when the conversation was held, whatever was found."""
    try:
        ask(json.loads(sys.stdin.read()))
    except ManagerAuthException as error:
        say(refused=str(error))
    except (ManagerException, OSError) as error:
        say(error=str(error.args[-1]))
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # Not sys.exit: pyst2's threads may still wait for a peer that will not answer.
    os._exit(code)
