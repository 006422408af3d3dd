"""How callers walked a flow, counted from the journal one record at a time.

Pure: records come in, :class:`Passage` counts come out. A caller belongs to the hour in which a
node was entered, and so does the exit by which it was left, however late: in any period the
exits of a node add up to its entries, less those who are still in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from hotline import events
from hotline.storage.records import Record

HOUR_S = 3600
# What is no exit of a node. An exit of the language has one of its own words, or a colon.
ENTERED = ""
HUNG_UP = "hung_up"
TALKED = "talked_to_the_end"
REPORTED = "hung_up_reporting"
RETURNED = "returned"
ENDED = "ended"

COUNTED: tuple[type[events.Event], ...] = (
    events.CallArrived,
    events.FlowStep,
    events.CallAnswered,
    events.ReportStarted,
    events.ReportEmpty,
    events.CallEnded,
)


@dataclass(frozen=True, slots=True, order=True)
class Passage:
    """Callers who entered ``node`` in ``hour`` (since the epoch) and went on by ``exit``;
    :data:`ENTERED` is the entering itself, an empty node the whole flow."""

    flow: str
    version: int
    node: str
    exit: str
    hour: int


@dataclass(frozen=True, slots=True)
class NodeCount:
    """What became of those who entered a node in a period.

    ``left`` counts by exit. ``hung_up`` are those who hung up there and had neither talked nor
    begun to speak a report at that node; ``ended`` are those whose call ended there otherwise.
    """

    entered: int = 0
    left: Mapping[str, int] = field(default_factory=dict)
    hung_up: int = 0
    ended: int = 0

    @property
    def inside(self) -> int:
        """Those who are there yet."""
        return self.entered - sum(self.left.values()) - self.hung_up - self.ended


@dataclass(slots=True)
class _Place:
    flow: str
    version: int
    node: str
    hour: int
    flow_hour: int


@dataclass(slots=True)
class _Walk:
    """Where a caller is: the places of the flows that call each other, the innermost last."""

    places: list[_Place] = field(default_factory=list)
    # How a hang-up at the present node is to be counted.
    parting: str = HUNG_UP


class PassageTally:
    """Counts passages. ``drain`` gives those that came since it was last called."""

    def __init__(self) -> None:
        self._walks: dict[str, _Walk] = {}
        self._counts: Counter[Passage] = Counter()

    def knows(self, event: events.Event) -> bool:
        """Whether what came before ``event`` in its call is known, so that it can be counted."""
        call_id = getattr(event, "call_id", "")
        return isinstance(event, events.CallArrived) or call_id in self._walks

    def recall(self, call_id: str, earlier: Iterable[Record]) -> None:
        """Take in a call's earlier records, counted before."""
        past = PassageTally()
        past._walks[call_id] = _Walk()
        for record in earlier:
            past.apply(record)
        self._walks[call_id] = past._walks.get(call_id, _Walk())

    def apply(self, record: Record) -> None:
        """Count a record."""
        event, hour = record.event, int(record.at // HOUR_S)
        match event:
            case events.CallArrived(call_id=call_id):
                self._walks.setdefault(call_id, _Walk())
            case events.FlowStep(flow=flow) if flow:
                self._step(self._walks.setdefault(event.call_id, _Walk()), event, hour)
            case events.CallAnswered(call_id=call_id):
                self._part(call_id, TALKED)
            case events.ReportStarted(call_id=call_id):
                self._part(call_id, REPORTED)
            case events.ReportEmpty(call_id=call_id):
                self._part(call_id, HUNG_UP)
            case events.CallEnded(call_id=call_id):
                self._end(self._walks.pop(call_id, _Walk()), event.by)
            case _:
                pass

    def drain(self) -> Counter[Passage]:
        """What came since the last time."""
        counts, self._counts = self._counts, Counter()
        return counts

    def _part(self, call_id: str, parting: str) -> None:
        if call_id in self._walks:
            self._walks[call_id].parting = parting

    def _step(self, walk: _Walk, event: events.FlowStep, hour: int) -> None:
        within = [place.flow for place in walk.places]
        if event.flow in within:
            while walk.places[-1].flow != event.flow:
                self._leave(walk.places.pop(), RETURNED)
            place = walk.places[-1]
            self._count(place, place.node, event.by)
            place.version, place.node, place.hour = event.version, event.step, hour
        else:
            place = _Place(event.flow, event.version, event.step, hour, hour)
            walk.places.append(place)
            self._counts[Passage(event.flow, event.version, "", ENTERED, hour)] += 1
        self._count(place, place.node, ENTERED)
        walk.parting = HUNG_UP

    def _end(self, walk: _Walk, by: str) -> None:
        parting = walk.parting if by == "citizen" or walk.parting == TALKED else ENDED
        for place in walk.places:
            self._leave(place, parting)

    def _leave(self, place: _Place, how: str) -> None:
        self._count(place, place.node, how)
        self._counts[Passage(place.flow, place.version, "", how, place.flow_hour)] += 1

    def _count(self, place: _Place, node: str, how: str) -> None:
        self._counts[Passage(place.flow, place.version, node, how, place.hour)] += 1


def by_node(
    counts: Mapping[tuple[str, str], int], nodes: Collection[str] = ()
) -> dict[str, NodeCount]:
    """Counts of (node, exit) put together by node; ``nodes`` are there even when never entered."""
    exits: dict[str, dict[str, int]] = {node: {} for node in nodes}
    for (node, name), count in sorted(counts.items()):
        exits.setdefault(node, {})[name] = count
    return {node: _node_count(found) for node, found in exits.items()}


def _node_count(exits: dict[str, int]) -> NodeCount:
    entered, hung_up, ended = (exits.pop(name, 0) for name in (ENTERED, HUNG_UP, ENDED))
    return NodeCount(entered, exits, hung_up, ended)
