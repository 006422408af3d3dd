"""Trying a flow in a terminal: a caller who types keys, a clock that can be moved, and an outside
that does what it is told.

Pure: lines in, lines out. The walk is the one that leads real callers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from hotline.clock import local
from hotline.ivr import acts, numbers, signals
from hotline.ivr.draw_words import KINDS
from hotline.ivr.model import FlowSet
from hotline.ivr.pieces import Piece, Prompt, Read
from hotline.ivr.walk import Phase, Walk

# About how quickly a synthetic voice speaks, in characters a second.
CHARACTERS_A_SECOND = {"zh": 4.5, "en": 14.0}
EXITS: dict[type[acts.Matter], tuple[str, ...]] = {
    acts.ToQueue: ("talked", "nobody", "full", "overflow", "asked"),
    acts.LeaveReport: ("saved", "empty", "failed"),
    acts.Connect: ("done", "failed"),
    acts.LookUp: ("found", "none"),
    acts.AskSystem: ("next", "fallback"),
    acts.RegisterAffected: ("registered", "known", "none"),
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "help": "按键直接输入，如 1 或 12319#；回车＝什么也不做；t+30 过三十秒；"
        "at 2026-10-01 09:00 换时间；open/closed 上班/下班；set 名=值；say 词；h 挂机；? 帮助",
        "waits": "等待：{matter}。请选结果：{exits}",
        "word": "正在听：{words}",
        "gone": "来电者挂机。",
        "over": "通话结束。",
        "unknown": "看不懂：{line}（? 看帮助）",
        "now": "现在是 {at}。",
        "is": "{name} = {value}",
        "early": "时间只能往前走；通话开始前可以任意设定。",
    },
    "en": {
        "help": "type keys, such as 1 or 12319#; Enter: do nothing; t+30: 30 seconds later; at "
        "2026-10-01 09:00: another time; open/closed: the queue; set NAME=VALUE; say WORD; h: hang "
        "up; ?: help",
        "waits": "waiting: {matter}. Choose what comes of it: {exits}",
        "word": "listening for: {words}",
        "gone": "The caller hung up.",
        "over": "The call is over.",
        "unknown": "not understood: {line} (? for help)",
        "now": "It is {at}.",
        "is": "{name} = {value}",
        "early": "Time goes forward only; before the call begins it may be anything.",
    },
}
_LATER = re.compile(r"t\+(\d+(?:\.\d+)?)")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d")
_SET = re.compile(r"set ([a-z][\w.-]*)\s*=\s*(.*)")
_TRUE = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(slots=True)
class Trial:
    """A call being tried. ``texts`` are the prompts' by language and name; ``facts`` tells what
    is known at a time, unless it was ``set`` here."""

    flows: FlowSet
    entry: str
    texts: Mapping[str, Mapping[str, str]]
    facts: Callable[[str, float], object]
    zone: tzinfo
    now: float
    language: str = "zh"
    overridden: dict[str, object] = field(default_factory=dict)
    _walk: Walk | None = None
    _settle: signals.Settle | None = None
    _offered: tuple[str, ...] = ()

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return self._walk is not None and self._walk.phase is Phase.OVER

    def handle(self, line: str) -> list[str]:
        """Take a line; what there is to show. The first one that is not about the time or the
        facts begins the call."""
        line = line.strip()
        return list(self._setting(line) or self._happening(line))

    def begin(self) -> list[str]:
        """Let the call come in."""
        self._walk = Walk(self.flows, self.entry, self._fact, self.language)
        return list(self._give(signals.Begun()))

    def moment(self, text: str) -> float | None:
        """Local time such as ``2026-10-01 09:00`` in Unix seconds; None when it is no such."""
        if not _MOMENT.fullmatch(text.strip()):
            return None
        try:
            return datetime.fromisoformat(text.strip()).replace(tzinfo=self.zone).timestamp()
        except (ValueError, OverflowError):
            return None

    # --- what is typed ------------------------------------------------------------------------

    def _setting(self, line: str) -> list[str]:
        words = WORDS[self.language]
        if line == "?":
            return [words["help"]]
        if line in ("open", "closed"):
            line = f"set queue.open={'yes' if line == 'open' else 'no'}"
        if match := _SET.fullmatch(line):
            name, value = match[1], match[2].strip()
            self.overridden[name] = _TRUE.get(value, value)
            return [words["is"].format(name=name, value=value)]
        if line.startswith("at ") and (at := self.moment(line[3:])) is not None:
            now = words["now"].format(at=line[3:].strip())
            if self._walk is None:
                self.now = at
                return [now]
            return [*self._pass_until(at), now] if at >= self.now else [words["early"]]
        return []

    def _happening(self, line: str) -> Iterator[str]:
        if self._walk is None:
            yield from self.begin()
            if not line:
                return
        if self.over:
            return
        if line == "h":
            yield from self._give(signals.HungUp())
            yield WORDS[self.language]["gone"]
        elif match := _LATER.fullmatch(line):
            yield from self._pass_until(self.now + float(match[1]))
        elif self._settle is not None:
            yield from self._settled(line)
        elif not line:
            yield from self._wait()
        elif line.startswith("say "):
            yield from self._give(signals.Heard(line.removeprefix("say ").strip(), 1.0))
        elif set(line) <= set("0123456789*#"):
            for key in line:
                self.now += 0.3
                yield from self._give(signals.KeyPressed(key))
        else:
            yield WORDS[self.language]["unknown"].format(line=line)

    def _settled(self, line: str) -> Iterator[str]:
        settle = self._settle
        if settle is None:
            return
        chosen = line or self._offered[0]
        if chosen.isdecimal() and 1 <= int(chosen) <= len(self._offered):
            chosen = self._offered[int(chosen) - 1]
        if chosen not in self._offered:
            yield WORDS[self.language]["unknown"].format(line=line)
            yield self._waits(settle)
            return
        self._settle = None
        yield from self._give(signals.Settled(settle.number, chosen))

    # --- time ---------------------------------------------------------------------------------

    def _wait(self) -> Iterator[str]:
        due = self._walk.next_deadline() if self._walk else None
        if due is not None:
            self.now = max(self.now, due)
            yield from self._give(signals.TimePassed())

    def _pass_until(self, until: float) -> Iterator[str]:
        while self._walk and not self.over:
            due = self._walk.next_deadline()
            if due is None or due > until:
                break
            yield from self._wait()
        self.now = max(self.now, until)

    # --- the walk -----------------------------------------------------------------------------

    def _fact(self, name: str, now: float) -> object:
        if name in self.overridden:
            return self.overridden[name]
        if name.startswith("queue.") and name.endswith(".open") and "queue.open" in self.overridden:
            return self.overridden["queue.open"]
        if name == "now":
            return local(now, self.zone).strftime("%Y-%m-%dT%H:%M")
        return self.facts(name, now)

    def _give(self, given: signals.Input) -> Iterator[str]:
        walk = self._walk
        if walk is None:
            return
        said: signals.Play | None = None
        for effect in walk.handle(given, self.now):
            match effect:
                case signals.Entered():
                    yield self._entered(effect)
                case signals.Play():
                    said = effect
                    yield from self._said(effect.pieces, effect.language)
                case signals.Listen(words=words):
                    yield WORDS[self.language]["word"].format(words=" ".join(words))
                case signals.Settle():
                    self._settle = effect
                    self._offered = EXITS[type(effect.matter)]
                    yield self._waits(effect)
                case signals.HangUp():
                    yield self._stamped(WORDS[self.language]["over"])
        if said is not None:
            # A terminal says things at once; the time it takes passes all the same.
            self.now += self._seconds(said)
            yield from self._give(signals.Played(said.number))

    def _entered(self, entered: signals.Entered) -> str:
        node = self.flows[entered.flow].flow.nodes[entered.node]
        by = f"  ({entered.by})" if entered.by else ""
        where = entered.node if entered.flow == self.entry else f"{entered.flow}/{entered.node}"
        return self._stamped(f"→ {where} [{KINDS[self.language][node.kind]}]{by}")

    def _waits(self, settle: signals.Settle) -> str:
        exits = "  ".join(f"{number} {name}" for number, name in enumerate(self._offered, 1))
        words = WORDS[self.language]["waits"]
        return self._stamped(words.format(matter=self._matter(settle.matter), exits=exits))

    def _matter(self, matter: acts.Matter) -> str:
        kind, about = {
            acts.ToQueue: ("queue", "queue"),
            acts.LeaveReport: ("report", "reason"),
            acts.Connect: ("transfer", "target"),
            acts.LookUp: ("lookup", "number"),
            acts.AskSystem: ("webhook", "url"),
            acts.RegisterAffected: ("register", ""),
        }[type(matter)]
        return f"{KINDS[self.language][kind]} {getattr(matter, about, '')}".strip()

    def _said(self, pieces: Iterable[Piece], language: str) -> Iterator[str]:
        for piece in pieces:
            yield f"           “{self._text(piece, language)}”"

    def _text(self, piece: Piece, language: str) -> str:
        if isinstance(piece, Prompt):
            return self.texts.get(language, {}).get(piece.name, f"[{piece.name}]")
        if isinstance(piece, Read):
            try:
                return numbers.text(piece, language)
            except numbers.Unreadable as error:
                return f"[{error}]"
        return piece.text

    def _seconds(self, play: signals.Play) -> float:
        text = "".join(self._text(piece, play.language) for piece in play.pieces)
        return round(len(text) / CHARACTERS_A_SECOND[play.language], 1)

    def _stamped(self, text: str) -> str:
        return f"{local(self.now, self.zone):%H:%M:%S}  {text}"
