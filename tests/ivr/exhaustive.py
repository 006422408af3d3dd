"""Every way through a flow: all that callers and the outside can do, in every state of a walk.

States that differ only in what does not matter (the digits typed, the time of day) are one. A walk
that has not come to its bound is tried twice in each state: early, and as one whose next step is
the last. What follows then is told apart by its steps, so the bound itself is proved.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from hotline.ivr import signals
from hotline.ivr.model import Branch, FlowSet, SubFlow
from hotline.ivr.walk import Phase, Walk
from tests.ivr.wandering import EXITS, HELP, PRESSED

# What each fact can be, as far as flows tell it apart.
FACTS: Mapping[str, tuple[object, ...]] = {
    "queue.hotline.open": (True, False),
    "calendar.holiday": ("", "国庆节"),
    "storm.active": (True, False),
    "storm.text": ("暴雨",),
    "caller.rule": ("none", "announce", "lower", "report"),
    "hotline.report_key": ("2",),
    "speech.menus": (True, False),
    "announcement": ("闭馆",),
}
TYPED = "10*#"
State = tuple[object, ...]


class NotProved(AssertionError):
    """A state from which the promise does not hold."""


@dataclass(slots=True)
class Proof:
    """What was walked: states, and inputs that lead from one to the next."""

    states: int = 0
    inputs: int = 0
    nodes: set[tuple[str, str]] = field(default_factory=set)
    longest: int = 0


@dataclass(frozen=True, slots=True)
class _Step:
    """An input, and whether the walk comes to its bound by it."""

    given: signals.Input
    at: float = 0.0
    late: bool = False
    # The caller does nothing by it.
    silent: bool = False


def prove(flows: FlowSet, entry: str) -> Proof:
    """Walk every way. Raises NotProved for the first state that breaks the promise."""
    proof = Proof()
    for facts in _facts(flows, entry):
        _Search(flows, entry, facts, proof).run()
    return proof


def _facts(flows: FlowSet, entry: str) -> Iterator[dict[str, object]]:
    """Every combination of the facts that these flows ask for, and of what they speak."""
    text = " ".join(flows[name].flow.model_dump_json() for name in _called(flows, entry))
    asked = {name: values for name, values in FACTS.items() if _is_asked(name, text)}
    for values in product(*asked.values()):
        yield dict(zip(asked, values, strict=True))


def _is_asked(name: str, text: str) -> bool:
    by_kind = {
        "queue.hotline.open": '"hours"',
        "calendar.holiday": '"holiday":"',
        "hotline.report_key": '"queue"',
        "speech.menus": '"words":{"',
    }
    return by_kind.get(name, name) in text


def _called(flows: FlowSet, entry: str) -> set[str]:
    seen: set[str] = set()
    open_ = [entry]
    while open_:
        name = open_.pop()
        if name not in seen:
            seen.add(name)
            nodes = flows[name].flow.nodes.values()
            open_ += [node.flow for node in nodes if isinstance(node, SubFlow)]
    return seen


class _Search:
    def __init__(
        self, flows: FlowSet, entry: str, facts: Mapping[str, object], proof: Proof
    ) -> None:
        self._flows = flows
        self._bound = flows[entry].flow.bound
        self._proof = proof
        self._branched = {
            node.on
            for name in _called(flows, entry)
            for node in flows[name].flow.nodes.values()
            if isinstance(node, Branch)
        }
        self._walk = Walk(flows, entry, lambda name, _now: facts.get(name))
        # Which states a state leads to: by any input, and without the caller's doing.
        self._after: dict[State, set[State]] = {}
        self._silently: dict[State, set[State]] = {}
        self._helped: dict[State, bool] = {}

    def run(self) -> None:
        """Find every state, then show that each of them ends."""
        open_: deque[Walk] = deque()
        effects = self._walk.handle(signals.Begun(), 0.0)
        first = self._meet(self._walk, effects, helped=False)
        open_.append(self._walk)
        known = {first}
        while open_:
            walk = open_.popleft()
            state = self._state(walk)
            for step in self._steps(walk):
                after, found = self._take(walk, state, step)
                if found not in known:
                    known.add(found)
                    if after.phase is not Phase.OVER:
                        open_.append(after)
        self._proof.states += len(known)
        self._prove_ends(known)
        self._prove_silence_ends()

    # --- one step ---------------------------------------------------------------------------

    def _take(self, walk: Walk, state: State, step: _Step) -> tuple[Walk, State]:
        after = _copied(walk)
        self._set_clock(after, late=step.late)
        effects = after.handle(step.given, step.at)
        self._proof.inputs += 1
        found = self._meet(after, effects, helped=_helped_before(state))
        self._after.setdefault(state, set()).add(found)
        if step.silent and not step.late:
            self._silently.setdefault(state, set()).add(found)
        return after, found

    def _set_clock(self, walk: Walk, *, late: bool) -> None:
        inner = vars(walk)
        inner["_began"] = inner["_outside_since"] = inner["_now"] = 0.0
        if inner["_deadline"] is not None:
            inner["_deadline"] = 1.0
        if not inner["_led"] and not walk.served:
            flow = self._flows[str(walk.place.split("@")[0])].flow
            spared = min(len(flow.nodes), self._bound.steps // 2)
            walk.steps = self._bound.steps - spared - 1 if late else 0

    def _meet(self, walk: Walk, effects: Iterable[signals.Effect], *, helped: bool) -> State:
        """Look at what an input led to. Raises NotProved."""
        for effect in effects:
            match effect:
                case signals.Entered(flow=flow, node=node):
                    self._proof.nodes.add((flow, node))
                case signals.Settle(matter=matter):
                    helped = helped or type(matter) in HELP
                case signals.HangUp():
                    helped = True
        vars(walk)["helped"] = helped
        state = self._state(walk)
        self._proof.longest = max(self._proof.longest, walk.steps if not helped else 0)
        if walk.steps > self._bound.steps and not helped:
            raise NotProved(f"{walk.steps} steps without help: {state}")
        if walk.phase is Phase.OVER and not helped:
            raise NotProved(f"over without help: {state}")
        return state

    def _steps(self, walk: Walk) -> Iterator[_Step]:
        """All that can happen in a state."""
        inner = vars(walk)
        limited = not inner["_led"] and not walk.served
        for step in self._plain_steps(walk):
            yield step
            if limited:
                yield replace(step, late=True)
        if limited and walk.next_deadline() is not None:
            yield _Step(signals.TimePassed(), self._bound.seconds, silent=True)

    def _plain_steps(self, walk: Walk) -> Iterator[_Step]:
        inner = vars(walk)
        number = inner["_number"]
        if walk.phase is Phase.OUTSIDE:
            exits = EXITS[type(inner["_matter"])]
            yield from (_Step(signals.Settled(number, name), silent=True) for name in exits)
            if not walk.typed_ahead:
                yield from (_Step(signals.KeyPressed(key)) for key in TYPED)
            return
        if inner["_deadline"] is None:
            yield _Step(signals.Played(number), silent=True)
        else:
            yield _Step(signals.TimePassed(), 1.0, silent=True)
        if not inner["_hangs_up"] and not walk.typed_ahead:
            asking = inner["_asking"]
            keys = TYPED if asking and asking.question.most > 1 else PRESSED
            yield from (_Step(signals.KeyPressed(key)) for key in keys)
        if inner["_listening"]:
            words = inner["_asking"].question.words
            yield from (_Step(signals.Heard(w, sure)) for w in words for sure in (0.6, 0.9))

    def _state(self, walk: Walk) -> State:
        inner = vars(walk)
        asking = inner["_asking"]
        asked = (asking.tries, len(asking.typed), asking.word) if asking else None
        kept = tuple(
            (name, value if name in self._branched else bool(value))
            for name, value in sorted(walk.kept.items())
        )
        flags = ("_led", "_last_resort", "_hangs_up", "_then", "_listening", "helped")
        return (
            *(inner[flag] for flag in reversed(flags)),
            walk.phase,
            walk.place,
            walk.typed_ahead,
            asked,
            kept,
            walk.language,
            walk.served,
            type(inner["_matter"]).__name__ if walk.phase is Phase.OUTSIDE else "",
            inner["_deadline"] is None,
            walk.steps if inner["_led"] and not inner["helped"] else 0,
        )

    # --- what is proved ---------------------------------------------------------------------

    def _prove_ends(self, known: set[State]) -> None:
        """From every state the caller can still come to an end."""
        before: dict[State, set[State]] = {}
        for state, afters in self._after.items():
            for after in afters:
                before.setdefault(after, set()).add(state)
        ending = deque(state for state in known if Phase.OVER in state)
        ends = set(ending)
        while ending:
            for state in before.get(ending.popleft(), ()):
                if state not in ends:
                    ends.add(state)
                    ending.append(state)
        if known - ends:
            raise NotProved(f"no end from here: {next(iter(known - ends))}")

    def _prove_silence_ends(self) -> None:
        """A caller who does nothing comes to an end, whatever others do: there is no circle."""
        done: set[State] = set()
        for start in self._silently:
            way: dict[State, Iterator[State]] = {}
            at: State | None = start
            while at is not None:
                if at not in way and at not in done:
                    way[at] = iter(self._silently.get(at, ()))
                after = next(way[at], None) if at in way else None
                if after is None:
                    done.add(at)
                    way.pop(at, None)
                    at = next(reversed(way), None)
                elif after in way:
                    raise NotProved(f"silence goes in circles: {after}")
                else:
                    at = after if after not in done else at


def _helped_before(state: State) -> bool:
    return state[0] is True


def _copied(walk: Walk) -> Walk:
    """A walk of its own in the same state; flows and facts are shared."""
    other: Any = object.__new__(Walk)
    vars(other).update(vars(walk))
    inner = vars(other)
    inner["_frames"] = [replace(frame) for frame in inner["_frames"]]
    inner["_keys"] = inner["_keys"].copy()
    inner["_asking"] = replace(inner["_asking"]) if inner["_asking"] else None
    inner["kept"] = dict(inner["kept"])
    return other  # type: ignore[no-any-return]
