"""Who can be offered calls, and which of their phones are there."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Person:
    """An agent as the user list has them."""

    agent_id: str
    name: str
    extension: str

    @property
    def endpoints(self) -> tuple[str, str]:
        """The desk phone's and the web phone's endpoint."""
        return (self.extension, f"{self.extension}-web")


@dataclass(slots=True)
class People:
    """The agents by id, extension and endpoint, and the endpoints that are reachable."""

    by_id: dict[str, Person] = field(default_factory=dict)
    reachable: set[str] = field(default_factory=set)

    def know(self, person: Person) -> None:
        """Add or replace somebody."""
        self.by_id[person.agent_id] = person

    def of_endpoint(self, endpoint: str) -> Person | None:
        """Whose phone this endpoint is."""
        extension = endpoint.removesuffix("-web")
        return next((p for p in self.by_id.values() if p.extension == extension), None)

    def of_channel(self, channel: str) -> Person | None:
        """Whose leg a channel like ``PJSIP/1001-web-0000002a`` is."""
        technology, _, rest = channel.partition("/")
        endpoint, dash, _ = rest.rpartition("-")
        return self.of_endpoint(endpoint) if technology == "PJSIP" and dash else None

    def can_be_rung(self, agent_id: str) -> bool:
        """Whether at least one phone of the agent is registered."""
        person = self.by_id.get(agent_id)
        return person is not None and any(e in self.reachable for e in person.endpoints)

    def interfaces(self, agent_id: str) -> tuple[str, ...]:
        """What to dial for the agent: the phones that are there, else both (and let the PBX
        say that they are not)."""
        person = self.by_id[agent_id]
        there = tuple(e for e in person.endpoints if e in self.reachable)
        return tuple(f"PJSIP/{endpoint}" for endpoint in there or person.endpoints)
