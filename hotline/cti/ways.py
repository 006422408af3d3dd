"""Where a caller can be sent within the house: colleagues with a telephone, and queues."""

from __future__ import annotations

from typing import Protocol

from hotline.cti.views import WayView
from hotline.handover.model import COLLEAGUE, QUEUE
from hotline.routing.model import Queue


class Colleague(Protocol):
    """Somebody with a telephone, as the user list has them."""

    @property
    def user_id(self) -> str:
        """Their login name."""

    @property
    def name(self) -> str:
        """What they are called."""

    @property
    def role(self) -> str:
        """agent or supervisor."""

    @property
    def extension(self) -> str | None:
        """Their telephone."""


def of_person(person: Colleague, state: str) -> WayView:
    """The way to a colleague; ``state`` is the agent's, whatever it is for a supervisor."""
    names = {"zh": person.name, "en": person.name}
    code = f"{COLLEAGUE}{person.extension or ''}"
    if person.role == "agent":
        return WayView(code, "agent", names, person.extension or "", state)
    return WayView(code, "supervisor", names, person.extension or "")


def of_queue(queue: Queue) -> WayView:
    """The way to a queue."""
    zh = queue.title.get("zh") or queue.name
    return WayView(f"{QUEUE}{queue.name}", "queue", {"zh": zh, "en": queue.title.get("en") or zh})
