"""One caller's walk through a flow: what happens to the caller in, what to do out.

Pure: no I/O, and the time is passed in. The telephone's edge, the terminal's ``flow try``, the
random callers of the tests and the exhaustive proof all run this class.

Keys are never lost: what is pressed while something is said waits for the next node that asks.
No caller is trapped: a walk that is longer than the flow's bound goes to a person, and one that
finds no way there ends in a report.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from hotline.ivr import model
from hotline.ivr.acts import (
    Act,
    Back,
    Call,
    Close,
    Connect,
    LeaveReport,
    Matter,
    Outside,
    Pass,
    Question,
    Taken,
    Tell,
    ToQueue,
    act_of,
)
from hotline.ivr.pieces import Piece, Prompt, Said
from hotline.ivr.signals import (
    Begun,
    Deafen,
    Effect,
    Entered,
    HangUp,
    Heard,
    HungUp,
    Hush,
    Input,
    KeyPressed,
    Listen,
    Marked,
    Play,
    Played,
    Settle,
    Settled,
    TimePassed,
)

# Keys that wait for a node that asks; more than anybody types ahead.
BUFFER = 64
# Sub-flows within sub-flows; the check refuses recursion, this survives it.
DEPTH = 8
# A word is taken at once from SURE on, and asked back from UNSURE on.
SURE = 0.85
UNSURE = 0.5
# The exit of a walk that became too long.
BOUND = "bound"
# The fact that names the key with which a waiting caller leaves a report.
REPORT_KEY = "hotline.report_key"


class Facts(Protocol):
    """What is known beside the walk: the calendar, the queues, the storm, the caller."""

    def __call__(self, name: str, now: float) -> object:
        """The fact called ``name``, None when nobody knows it."""


# --- the walk --------------------------------------------------------------------------------


Target = tuple[str, str]
"""A node to go to, and the exit that leads there."""

# Exits of outside matters by which a person spoke with the caller, or a report was kept.
SERVED = frozenset({"talked", "done", "overflow", "saved"})
# Keys pressed while these lasted were meant for them.
LONG = (ToQueue, Connect, LeaveReport)


class Phase(StrEnum):
    """What the walk waits for."""

    NEW = "new"
    SAYING = "saying"
    ASKING = "asking"
    OUTSIDE = "outside"
    OVER = "over"


@dataclass(slots=True)
class _Frame:
    """A flow that is being walked, and the node in it."""

    published: model.PublishedFlow
    node: str


@dataclass(slots=True)
class _Asking:
    """A question that is being asked."""

    question: Question
    tries: int
    typed: str = ""
    # What the citizen may have said, to be confirmed by a key.
    word: str = ""


class Walk:
    """A caller's walk from the entry flow's first node to its end.

    ``flows`` are the flows as this call sees them until its end. Facts whose name a flow has
    set itself are hidden by what it set.
    """

    def __init__(
        self, flows: model.FlowSet, entry: str, facts: Facts, language: str = "zh"
    ) -> None:
        self.language = language
        self.phase = Phase.NEW
        self.kept: dict[str, str] = {}
        self.steps = 0
        # A person spoke with the caller, or a report was kept.
        self.served = False
        self._flows = flows
        self._facts = facts
        self._frames = [_Frame(flows[entry], flows[entry].flow.start)]
        self._keys: deque[str] = deque(maxlen=BUFFER)
        self._asking: _Asking | None = None
        self._listening = False
        self._number = 0
        self._matter: Matter | None = None
        self._outside_since = 0.0
        self._then = ""
        self._hangs_up = False
        self._began = 0.0
        self._now = 0.0
        self._deadline: float | None = None
        # The bound was reached, and the caller was led to a person.
        self._led = False
        self._last_resort = False
        self._out: list[Effect] = []

    # --- what others may ask ----------------------------------------------------------------

    @property
    def place(self) -> str:
        """Where the caller is, as :meth:`resume` takes it: ``menu@3:main>progress@0:ask``."""
        return ">".join(
            f"{frame.published.name}@{frame.published.version}:{frame.node}"
            for frame in self._frames
        )

    @property
    def typed_ahead(self) -> str:
        """Keys that wait for the next node that asks."""
        return "".join(self._keys)

    def node(self, flow: str, node_id: str) -> model.Node:
        """A node of one of this call's flows. Raises KeyError."""
        return self._flows[flow].flow.nodes[node_id]

    def fact(self, name: str) -> object:
        """What a node may know under ``name``."""
        return self.kept[name] if name in self.kept else self._facts(name, self._now)

    def next_deadline(self) -> float | None:
        """When :class:`TimePassed` is due."""
        if self.phase in (Phase.NEW, Phase.OVER, Phase.OUTSIDE) or self._hangs_up:
            return None
        bound = None if self._led or self.served else self._began + self._bound.seconds
        return min((due for due in (self._deadline, bound) if due is not None), default=None)

    def resume(self, place: str, now: float, queue: str) -> Settle:
        """Go on in the middle, at the outside matter of ``place``, which is yet to be settled.

        At a place that is none, or of a version that is not there any more, the caller waits for
        a person: in the flow's first queue, else in ``queue``.
        """
        self._began = self._outside_since = self._now = now
        self._asking, self._deadline, self._listening = None, None, False
        frames = [self._frame(part) for part in place.split(">") if part]
        if frames and all(frames):
            self._frames = [frame for frame in frames if frame]
        act = self._act_here()
        if not isinstance(act, Outside):
            del self._frames[1:]
            self._frames[0].node = first_queue(self._bound_flow) or self._frames[0].node
            act = self._act_here()
        matter = act.matter if isinstance(act, Outside) else ToQueue(queue, "usual", "")
        self._hand_out(matter)
        return Settle(self._number, matter)

    def _act_here(self) -> Act:
        frame = self._frames[-1]
        return act_of(frame.published.flow.nodes[frame.node], self)

    def handle(self, given: Input, now: float) -> list[Effect]:
        """Take one input in. Inputs that come too late or out of place change nothing."""
        self._now = now
        self._out = []
        match given:
            case Begun():
                if self.phase is Phase.NEW:
                    self._began = now
                    self._enter(self._frames[-1].node, "")
            case KeyPressed():
                self._key(given.key)
            case Played():
                self._played(given.number)
            case Heard():
                self._heard(given)
            case Settled():
                self._settled(given)
            case TimePassed():
                self._time()
            case HungUp():
                self._over()
        return self._out

    # --- going on ---------------------------------------------------------------------------

    @property
    def _bound_flow(self) -> model.Flow:
        return self._frames[0].published.flow

    @property
    def _bound(self) -> model.Bound:
        return self._bound_flow.bound

    def _frame(self, part: str) -> _Frame | None:
        name, _, rest = part.partition("@")
        version, _, node = rest.partition(":")
        published = self._flows.get(name)
        if published is None or str(published.version) != version:
            return None
        return _Frame(published, node) if node in published.flow.nodes else None

    def _enter(self, node_id: str, by: str) -> None:
        """Walk from a node on, until one of them has to wait."""
        target: Target | None = (node_id, by)
        while target is not None:
            frame = self._frames[-1]
            frame.node, by = target
            self.steps += 1
            self._out.append(Entered(frame.published.name, frame.published.version, frame.node, by))
            target = self._shorten() if self._too_long else self._act(self._act_here())

    @property
    def _too_long(self) -> bool:
        most = self._bound.steps
        # Before the bound by as many steps as any way to a person without a loop can need.
        if not self._led and not self.served:
            most -= min(len(self._bound_flow.nodes), most // 2)
        return self.steps >= most

    def _shorten(self) -> Target | None:
        if self.served:
            self._close((Prompt("goodbye"),))
            return None
        return self._person(BOUND)

    def _act(self, act: Act) -> Target | None:
        """Carry an act out. Where to go at once, None when there is something to wait for."""
        target: Target | None = None
        match act:
            case Pass():
                self.kept.update(act.keep)
                self.language = act.language or self.language
                target = self._target(act.exit)
            case Tell():
                target = self._tell(act.pieces, act.exit, barge=act.barge)
            case Question():
                target = self._ask(act)
            case Outside():
                target = self._hand_out(act.matter)
            case Call():
                target = self._call(act.flow)
            case Back():
                target = self._back(act.exit)
            case Close():
                self._close(act.pieces)
        return target

    def _target(self, exit_name: str) -> Target | None:
        """The node behind an exit of the present one; the flow's person when it has none."""
        frame = self._frames[-1]
        exits = frame.published.flow.exits(frame.node)
        target = exits.get(exit_name)
        if target is None or target not in frame.published.flow.nodes:
            return self._person(exit_name)
        return target, exit_name

    def _person(self, by: str) -> Target | None:
        """The node that leads to a person: of this flow, else of the one that called it."""
        if by == BOUND:
            if self._led:
                return self._resort()
            self._led = True
            del self._frames[1:]
        while True:
            flow = self._frames[-1].published.flow
            if flow.person in flow.nodes:
                return str(flow.person), by
            if len(self._frames) == 1:
                return self._resort()
            self._frames.pop()

    def _resort(self) -> Target | None:
        """No way to a person: a report is taken, and then the caller is told goodbye."""
        self._last_resort = True
        return self._hand_out(LeaveReport("nobody_ready", review=False))

    def _call(self, name: str) -> Target | None:
        called = self._flows.get(name)
        if called is None or len(self._frames) >= DEPTH:
            return self._person("failed")
        self._frames.append(_Frame(called, called.flow.start))
        return called.flow.start, "call"

    def _back(self, exit_name: str) -> Target | None:
        if len(self._frames) == 1:
            return self._person(f"exit:{exit_name}")
        self._frames.pop()
        frame = self._frames[-1]
        named = f"exit:{exit_name}"
        exits = frame.published.flow.exits(frame.node)
        return self._target(named if named in exits else "next")

    # --- saying -----------------------------------------------------------------------------

    def _tell(self, pieces: tuple[Piece, ...], exit_name: str, *, barge: bool) -> Target | None:
        if not pieces or (barge and self._keys):
            return self._target(exit_name)
        self._say(pieces, barge=barge)
        self._then = exit_name
        self.phase = Phase.SAYING
        return None

    def _say(self, pieces: Iterable[Piece], *, barge: bool = True) -> None:
        self._number += 1
        self._deadline = None
        self._out.append(Play(self._number, tuple(pieces), self.language, barge))

    def _close(self, pieces: tuple[Piece, ...]) -> None:
        self._hangs_up = True
        if pieces:
            # Not to be cut short: a key pressed before was not meant for it.
            self._say(pieces, barge=False)
            self.phase = Phase.SAYING
        else:
            self._over(hang_up=True)

    def _played(self, number: int) -> None:
        if number != self._number:
            return
        if self.phase is Phase.ASKING and self._asking:
            if self._deadline is None:
                self._deadline = self._now + self._asking.question.first_s
        elif self.phase is Phase.SAYING:
            self._number += 1
            if self._hangs_up:
                self._over(hang_up=True)
            else:
                self._go(self._target(self._then))

    def _go(self, target: Target | None) -> None:
        if target is not None:
            self._enter(*target)

    # --- asking -----------------------------------------------------------------------------

    def _ask(self, question: Question) -> Target | None:
        self._asking = _Asking(question, question.tries)
        self.phase = Phase.ASKING
        self._deadline = None
        said = self._number
        while self._keys:
            taken = self._typed(self._keys.popleft())
            if taken is not None or self._asking is None:
                return taken
        self._listen(question)
        if self._asking.typed:
            # Begun ahead of the prompt: what is still missing is waited for in silence.
            self._deadline = self._now + question.between_s
        elif said == self._number:
            self._say(question.pieces)
        return None

    def _listen(self, question: Question) -> None:
        if question.words and self._facts("speech.menus", self._now) is True:
            self._listening = True
            self._out.append(Listen(question.words, self.language))

    def _key(self, key: str) -> None:
        if self.phase is Phase.ASKING and self._asking:
            self._go(self._typed(key))
        elif self.phase is not Phase.OVER:
            self._keys.append(key)

    def _typed(self, key: str) -> Target | None:
        """A key for the question that is asked."""
        asking = self._asking
        if asking is None:
            return None
        question = asking.question
        if question.most == 1:
            return self._answer(key)
        if key == question.end_key:
            return self._answer(asking.typed)
        if key == "*":
            asking.typed = ""
            self._deadline = self._now + question.first_s
            return None
        if key != "#":
            asking.typed += key
        if len(asking.typed) >= question.most:
            return self._answer(asking.typed)
        self._deadline = self._now + question.between_s
        return None

    def _answer(self, given: str) -> Target | None:
        asking = self._asking
        if asking is None:
            return None
        if asking.word:
            return self._confirmed(given)
        question = asking.question
        taken = question.take(given) if len(given) >= question.least else None
        if taken is not None:
            return self._taken(taken)
        if question.leave_unknown and given:
            self._keys.append(given)
            self._done_asking()
            return self._target(question.failed)
        self._keys.clear()
        return self._failed()

    def _taken(self, taken: Taken) -> Target | None:
        self._done_asking()
        self.kept.update(taken.keep)
        self.language = taken.language or self.language
        if taken.mark:
            self._out.append(Marked(taken.mark))
        return self._tell(taken.thanks, taken.exit, barge=True)

    def _failed(self) -> Target | None:
        """Silence, or keys that mean nothing here."""
        asking = self._asking
        if asking is None:
            return None
        asking.tries -= 1
        asking.typed = asking.word = ""
        if asking.tries <= 0:
            self._done_asking()
            return self._target(asking.question.failed)
        self._say(asking.question.again or asking.question.pieces)
        return None

    def _done_asking(self) -> None:
        self._asking = None
        self._deadline = None
        # The prompt of an answered question may still be ending.
        self._number += 1
        if self._listening:
            self._listening = False
            self._out.append(Deafen())

    def _heard(self, heard: Heard) -> None:
        asking = self._asking
        if not self._listening or asking is None or asking.word or asking.typed:
            return
        if heard.word not in asking.question.words or heard.confidence < UNSURE:
            return
        self._out.append(Hush())
        if heard.confidence >= SURE:
            self._go(self._answer(heard.word))
        else:
            asking.word = heard.word
            self._say((Prompt("did-you-say"), Said(heard.word), Prompt("yes-or-no")))

    def _confirmed(self, key: str) -> Target | None:
        asking = self._asking
        if asking is None:
            return None
        word, asking.word = asking.word, ""
        taken = asking.question.take(word if key == "1" else key)
        if taken is not None and key != "2":
            return self._taken(taken)
        return self._failed()

    # --- time -------------------------------------------------------------------------------

    def _time(self) -> None:
        if self.phase not in (Phase.SAYING, Phase.ASKING) or self._hangs_up:
            return
        limited = not self._led and not self.served
        if limited and self._now >= self._began + self._bound.seconds:
            self._done_asking()
            self._out.append(Hush())
            self._go(self._person(BOUND))
        elif self._deadline is not None and self._now >= self._deadline:
            self._deadline = None
            asking = self._asking
            if asking and asking.typed:
                self._go(self._answer(asking.typed))
            else:
                self._go(self._failed())

    # --- outside ----------------------------------------------------------------------------

    def _hand_out(self, matter: Matter) -> Target | None:
        if isinstance(matter, ToQueue) and self._facts(REPORT_KEY, self._now) in self._keys:
            self._keys.clear()
            return self._target("asked")
        self._number += 1
        self._matter = matter
        self._outside_since = self._now
        self._deadline = None
        self.phase = Phase.OUTSIDE
        self._out.append(Settle(self._number, matter))
        return None

    def _settled(self, settled: Settled) -> None:
        if self.phase is not Phase.OUTSIDE or settled.number != self._number:
            return
        # The bound is of the walk; waiting and talking are not walking.
        self._began += self._now - self._outside_since
        self.kept.update(settled.values)
        self.served = self.served or settled.exit in SERVED
        if self._matter is None or isinstance(self._matter, LONG):
            self._keys.clear()
        if self._last_resort:
            self._close((Prompt("goodbye"),))
        elif settled.pieces:
            self._say(settled.pieces)
            self._then = settled.exit
            self.phase = Phase.SAYING
        else:
            self._go(self._target(settled.exit))

    def _over(self, *, hang_up: bool = False) -> None:
        self.phase = Phase.OVER
        self._asking = None
        self._deadline = None
        if self._listening:
            self._listening = False
            self._out.append(Deafen())
        if hang_up:
            self._out.append(HangUp())


def first_queue(flow: model.Flow) -> str | None:
    """The queue that is nearest to the flow's person; None when no way leads to one."""
    seen: set[str | None] = set()
    ahead: deque[str | None] = deque([flow.person])
    while ahead:
        node = ahead.popleft()
        if node is None or node in seen or node not in flow.nodes:
            continue
        seen.add(node)
        if isinstance(flow.nodes[node], model.Queue):
            return node
        ahead.extend(flow.exits(node).values())
    return None
