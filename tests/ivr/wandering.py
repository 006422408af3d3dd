"""Random callers: they press, wait, speak, hang up, and whatever is outside does what it likes.

:func:`wander` walks one through flows and holds the walk to what it promises: no trap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from hotline.ivr import acts, signals
from hotline.ivr.model import Bound, FlowSet
from hotline.ivr.walk import BOUND, Phase, Walk

PRESSED = "0123456789*#"
# A walk that takes more inputs than this goes on for ever.
MOST_INPUTS = 4_000
PERSON = "person"
REPORT = "report"
GOODBYE = "goodbye"
HUNG_UP = "hung up"
EXITS: dict[type[acts.Matter], tuple[str, ...]] = {
    acts.ToQueue: ("talked", "nobody", "full", "overflow", "asked"),
    acts.LeaveReport: ("saved", "empty", "failed"),
    acts.Connect: ("done", "failed"),
    acts.LookUp: ("found", "none"),
    acts.AskSystem: ("next", "fallback"),
    acts.RegisterAffected: ("registered", "known", "none"),
}
HELP: dict[type[acts.Matter], str] = {
    acts.ToQueue: PERSON,
    acts.Connect: PERSON,
    acts.LeaveReport: REPORT,
}


class Trapped(AssertionError):
    """A caller was held longer than the flow's bound allows."""


@dataclass(slots=True)
class Manner:
    """How a caller is: the chances of pressing, of silence, of hanging up at any turn."""

    press: float
    silent: float
    hang_up: float
    hurry: float

    @classmethod
    def any(cls, dice: Random) -> Manner:
        """Somebody: most are patient, some hang up soon, some press all the time or never."""
        return cls(
            press=dice.choice((0.0, 0.1, 0.5, 0.95)),
            silent=dice.choice((0.0, 0.3, 1.0)),
            hang_up=dice.choice((0.0, 0.0, 0.02)),
            hurry=dice.choice((0.05, 1.0, 5.0)),
        )


@dataclass(slots=True)
class Wandering:
    """One walk, and what came of it."""

    walk: Walk
    bound: Bound
    dice: Random
    manner: Manner
    clock: float = 0.0
    # Time that counts for the bound: not what passed outside.
    walked_s: float = 0.0
    reached: list[str] = field(default_factory=list)
    log: list[object] = field(default_factory=list)
    ended: str = ""
    # What is being said, until when, and whether a key cuts it short.
    _play: signals.Play | None = None
    _said_at: float = 0.0
    _settle: signals.Settle | None = None
    _words: tuple[str, ...] = ()
    _led: bool = False

    def run(self) -> Wandering:
        """Walk to the end. Raises Trapped."""
        self.give(signals.Begun())
        for _ in range(MOST_INPUTS):
            if self.walk.phase is Phase.OVER:
                return self
            self.turn()
        raise Trapped(f"not over after {MOST_INPUTS} inputs")

    def turn(self) -> None:
        """One thing happens."""
        if self.dice.random() < self.manner.hang_up:
            self.ended = HUNG_UP
            self.give(signals.HungUp())
        elif self.walk.phase is Phase.OUTSIDE:
            self.settle()
        elif self.dice.random() < self.manner.press:
            self.pass_time(self.dice.random() * self.manner.hurry)
            self.press()
        elif self._words and self.dice.random() < 0.2:
            heard = signals.Heard(self.dice.choice(self._words), self.dice.random())
            self.pass_time(1.0)
            self.give(heard)
        else:
            self.wait()

    def wait(self) -> None:
        """Nothing happens until what is said ends, or a deadline comes."""
        due = self._due()
        if due is None:
            raise Trapped(f"{self.walk.phase}, and nothing will end it")
        self.pass_time(max(0.0, due - self.clock))

    def _due(self) -> float | None:
        times = [self.walk.next_deadline(), self._said_at if self._play else None]
        return min((at for at in times if at is not None), default=None)

    def settle(self) -> None:
        """Whoever is outside decides, after any time."""
        settle = self._settle
        assert settle is not None
        if self.dice.random() < self.manner.press / 4:
            self.press()
        self.clock += self.dice.choice((0.0, 5.0, 4_000.0))
        exit_name = self.dice.choice(EXITS[type(settle.matter)])
        self.give(signals.Settled(settle.number, exit_name, {"two.b": self.dice.choice("0123")}))

    def pass_time(self, seconds: float) -> None:
        """Time passes, and what is due in it happens."""
        until = self.clock + seconds
        for _ in range(MOST_INPUTS):
            due = self._due()
            if due is None or due > until:
                self._go_to(until)
                return
            self._go_to(due)
            if self._play and self._said_at <= self.clock:
                number, self._play = self._play.number, None
                self.give(signals.Played(number))
            else:
                self.give(signals.TimePassed())
        raise Trapped(f"always due: {self.walk.phase}")

    def _go_to(self, instant: float) -> None:
        if self.walk.phase is not Phase.OUTSIDE:
            self.walked_s += max(0.0, instant - self.clock)
        self.clock = max(self.clock, instant)

    def press(self) -> None:
        """A key, which may cut short what is said."""
        self.give(signals.KeyPressed(self.dice.choice(PRESSED)))
        if self._play and self._play.interruptible:
            self._said_at = self.clock

    def give(self, given: signals.Input) -> None:
        """Hand an input in, and hold what comes out to the promises."""
        self.log.append((round(self.clock, 2), given))
        for effect in self.walk.handle(given, self.clock):
            self.see(effect)
        self.judge()

    def see(self, effect: signals.Effect) -> None:
        """Remember what there is to answer."""
        self.log.append(effect)
        match effect:
            case signals.Play():
                self._play, self._said_at = effect, self.clock + self.dice.random() * 8
            case signals.Hush():
                self._play = None
            case signals.Settle(matter=matter):
                self._settle = effect
                if type(matter) in HELP:
                    self.reached.append(HELP[type(matter)])
            case signals.Listen(words=words):
                self._words = words
            case signals.Deafen():
                self._words = ()
            case signals.Entered(by=by):
                self._led = self._led or by == BOUND
            case signals.HangUp():
                self.ended = GOODBYE
                self.reached.append(GOODBYE)

    @property
    def _goodbye(self) -> bool:
        """It is being said: nothing else can come any more."""
        return self.walk.phase is Phase.SAYING and self.walk.next_deadline() is None

    def judge(self) -> None:
        """Raises Trapped when the bound is passed without help."""
        if self.reached or self.ended or self._goodbye:
            return
        if self.walk.steps > self.bound.steps:
            raise Trapped(f"{self.walk.steps} steps without help")
        # Being led is a promise kept once a person's node was entered; from there it must end.
        if self.walked_s > self.bound.seconds + 0.01 and not self._led:
            raise Trapped(f"{self.walked_s:.0f} s without being led to a person")


def wander(flows: FlowSet, entry: str, dice: Random) -> Wandering:
    """One random caller. Raises Trapped, with what happened last, when a promise breaks."""
    facts = {
        "queue.hotline.open": dice.choice((True, False, None)),
        "queue.hotline.staffed": dice.choice((True, False)),
        "queue.hotline.waiting": dice.randint(0, 5),
        "calendar.holiday": dice.choice(("", "国庆节")),
        "storm.active": dice.choice((True, False)),
        "storm.text": "暴雨",
        "speech.menus": dice.random() < 0.3,
        "hotline.report_key": dice.choice(("2", None)),
        "caller.rule": dice.choice(("none", "announce", "lower", "report")),
    }
    walk = Walk(flows, entry, lambda name, _now: facts.get(name), dice.choice(("zh", "en")))
    bound = flows[entry].flow.bound
    wandering = Wandering(walk, bound, dice, Manner.any(dice))
    try:
        return wandering.run()
    except Trapped as error:
        last = "\n".join(str(item) for item in wandering.log[-40:])
        raise Trapped(f"{error}\n{last}") from error


def ways(walked: Sequence[Wandering]) -> dict[str, int]:
    """How walks ended, counted."""
    counts: dict[str, int] = {}
    for one in walked:
        key = one.reached[0] if one.reached else one.ended
        counts[key] = counts.get(key, 0) + 1
    return counts
