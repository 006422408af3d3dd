"""A walk that is led by hand: what a caller does in, what was said and settled out."""

from __future__ import annotations

from collections.abc import Mapping

from hotline.ivr import acts, signals
from hotline.ivr.model import FlowSet, PublishedFlow
from hotline.ivr.pieces import Prompt, Read, Said
from hotline.ivr.reading import read_flow
from hotline.ivr.walk import Walk


def published(*texts: str) -> FlowSet:
    """Flows in force, by name."""
    flows = [read_flow(text) for text in texts]
    return {flow.flow: PublishedFlow(flow.flow, 1, flow) for flow in flows}


class Caller:
    """Somebody who is walked. ``heard`` holds what is being said, or was said last."""

    def __init__(
        self, flows: FlowSet, entry: str, facts: Mapping[str, object] | None = None
    ) -> None:
        self.known = dict(facts or {})
        self.walk = Walk(flows, entry, lambda name, now: self.known.get(name))
        self.now = 0.0
        self.effects: list[signals.Effect] = []
        self._number = 0

    def begins(self) -> Caller:
        """The walk begins."""
        return self._does(signals.Begun())

    def presses(self, keys: str) -> Caller:
        """Keys, one after another."""
        for key in keys:
            self._does(signals.KeyPressed(key))
        return self

    def listens(self) -> Caller:
        """To the end of what is said now."""
        return self._does(signals.Played(self._number))

    def says(self, word: str, confidence: float) -> Caller:
        """A word, as sure as the recogniser is of it."""
        return self._does(signals.Heard(word, confidence))

    def waits(self, seconds: float) -> Caller:
        """Nothing happens for a while."""
        self.now += seconds
        return self._does(signals.TimePassed())

    def is_settled(self, exit_name: str, **how: object) -> Caller:
        """Whoever settles the present matter does."""
        return self._does(signals.Settled(self._number, exit_name, **how))  # type: ignore[arg-type]

    def _does(self, given: signals.Input) -> Caller:
        for effect in self.walk.handle(given, self.now):
            self.effects.append(effect)
            if isinstance(effect, signals.Play | signals.Settle):
                self._number = effect.number
        return self

    @property
    def heard(self) -> list[str]:
        """What was begun to be said last."""
        plays = [one for one in self.effects if isinstance(one, signals.Play)]
        return [_words(piece) for piece in plays[-1].pieces] if plays else []

    @property
    def all_heard(self) -> list[str]:
        """The first words of each thing that was begun to be said."""
        plays = [one for one in self.effects if isinstance(one, signals.Play)]
        return [_words(play.pieces[0]) for play in plays if play.pieces]

    @property
    def steps(self) -> list[str]:
        """The nodes, in order."""
        return [one.node for one in self.effects if isinstance(one, signals.Entered)]

    @property
    def ways(self) -> list[str]:
        """The exits that were taken, in order."""
        return [one.by for one in self.effects if isinstance(one, signals.Entered)][1:]

    @property
    def matter(self) -> acts.Matter | None:
        """What was handed out last."""
        settles = [one.matter for one in self.effects if isinstance(one, signals.Settle)]
        return settles[-1] if settles else None

    @property
    def hung_up(self) -> bool:
        """Whether the walk ended by itself."""
        return signals.HangUp() in self.effects


def _words(piece: Prompt | Said | Read) -> str:
    match piece:
        case Prompt(name=name):
            return name
        case Said(text=text):
            return text
        case Read(value=value):
            return value
