"""What each kind of node does: from a node and what is known now to an :data:`Act`.

Pure and without a memory; the walk carries acts out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from hotline.ivr import model
from hotline.ivr.pieces import Piece, Prompt, Read, Said

MARKS = frozenset("12345")
_PLACE = re.compile(r"\$\{([a-z0-9_.-]{1,100})\}")


class View(Protocol):
    """What a node may know: the caller's language, kept values, and facts."""

    @property
    def language(self) -> str:
        """``zh`` or ``en``."""

    def fact(self, name: str) -> object:
        """A kept value or a fact by its name; None when nobody knows it."""


# --- matters that are settled outside of the walk --------------------------------------------


@dataclass(frozen=True, slots=True)
class ToQueue:
    """Wait for a person. Settled by ``talked``, ``nobody``, ``full``, ``overflow`` or
    ``asked``."""

    queue: str
    priority: str
    reason: str


@dataclass(frozen=True, slots=True)
class LeaveReport:
    """Take a spoken report. Settled by ``saved``, ``empty`` or ``failed``."""

    reason: str
    review: bool


@dataclass(frozen=True, slots=True)
class Connect:
    """Connect with another service. Settled by ``done`` or ``failed``."""

    target: str
    hint: str


@dataclass(frozen=True, slots=True)
class LookUp:
    """Look cases up. Settled by ``found``, with what is to be said, or ``none``."""

    by: str
    number: str
    last_four: str


@dataclass(frozen=True, slots=True)
class AskSystem:
    """Ask another system. Settled by ``next``, with values, or ``fallback``."""

    url: str
    method: str
    send: Mapping[str, str]
    store: Mapping[str, str]
    deadline_s: float


@dataclass(frozen=True, slots=True)
class RegisterAffected:
    """Register the caller with the storm. Settled by ``registered``, ``known`` or ``none``."""


Matter = ToQueue | LeaveReport | Connect | LookUp | AskSystem | RegisterAffected


# --- acts ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pass:
    """Go on at once."""

    exit: str
    keep: Mapping[str, str] = field(default_factory=dict)
    language: str = ""


@dataclass(frozen=True, slots=True)
class Tell:
    """Say something, then go on."""

    pieces: tuple[Piece, ...]
    exit: str
    barge: bool = True


@dataclass(frozen=True, slots=True)
class Taken:
    """An answer that makes sense, and what follows from it."""

    exit: str
    keep: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    mark: int = 0
    thanks: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Ask for keys, or for a word. ``take`` says what an answer means, None for nothing.

    ``again`` is said when the question is put once more; ``failed`` is the exit after ``tries``
    failures; ``leave_unknown``: a key that means nothing here is not a failure, but kept for the
    next node that asks.
    """

    pieces: tuple[Piece, ...]
    again: tuple[Piece, ...]
    take: Callable[[str], Taken | None]
    first_s: float
    between_s: float = 0.0
    least: int = 1
    most: int = 1
    end_key: str = ""
    tries: int = 1
    failed: str = "failed"
    leave_unknown: bool = False
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outside:
    """Somebody else settles this."""

    matter: Matter


@dataclass(frozen=True, slots=True)
class Call:
    """Walk another flow."""

    flow: str


@dataclass(frozen=True, slots=True)
class Back:
    """Return to the flow that called."""

    exit: str


@dataclass(frozen=True, slots=True)
class Close:
    """Say goodbye and hang up."""

    pieces: tuple[Piece, ...]


Act = Pass | Tell | Question | Outside | Call | Back | Close


def act_of(node: model.Node, view: View) -> Act:
    """What ``node`` does for a caller about whom ``view`` tells."""
    return _ACTS[type(node)](node, view)


# --- what is said ----------------------------------------------------------------------------


def spoken(prompts: Iterable[model.Spoken], view: View) -> tuple[Piece, ...]:
    """What ``prompts`` are for this caller; a value that nobody knows is left out."""
    return tuple(piece for item in prompts if (piece := _piece(item, view)) is not None)


def _piece(item: model.Spoken, view: View) -> Piece | None:
    if isinstance(item, str):
        return Prompt(item)
    if isinstance(item, model.Text):
        text = fill(_in(item.say, view.language), view)
        return Said(text) if text else None
    value = fill(item.value, view)
    return Read(item.read, value) if value else None


def fill(text: str, view: View) -> str:
    """``text`` with each ``${name}`` replaced by its value, by nothing when it is unknown."""

    def value(match: re.Match[str]) -> str:
        known = view.fact(match[1])
        return "" if known is None else as_text(known)

    return _PLACE.sub(value, text).strip()


def as_text(value: object) -> str:
    """A fact as flows compare and say it: ``yes`` and ``no`` for booleans."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _in(texts: Mapping[model.Language, str], language: str) -> str:
    for name, text in texts.items():
        if name == language:
            return text
    return next(iter(texts.values()), "")


# --- the kinds -------------------------------------------------------------------------------


def _announcement(node: model.Announcement, view: View) -> Act:
    now = as_text(view.fact("now") or "")
    if (node.since and now < node.since) or (node.until and now >= node.until):
        return Pass("next")
    pieces = spoken(node.prompts, view)
    if not node.keys:
        return Tell(pieces, "next")

    def take(keys: str) -> Taken | None:
        return Taken(f"key:{keys}") if keys in node.keys else None

    return Question(pieces, (), take, node.wait_s, failed="next", leave_unknown=True)


def _menu(node: model.Menu, view: View) -> Act:
    def take(answer: str) -> Taken | None:
        if answer in node.keys or answer == model.PERSON_KEY:
            return Taken(f"key:{answer}")
        return Taken(f"word:{answer}") if answer in node.words else None

    return Question(
        spoken(node.prompts, view),
        spoken((*node.again, *node.prompts), view),
        take,
        node.first_key_s,
        tries=node.tries,
        words=tuple(node.words),
    )


def _digits(node: model.Digits, view: View) -> Act:
    def take(keys: str) -> Taken | None:
        return Taken("next", {node.store: keys})

    return Question(
        spoken(node.prompts, view),
        spoken((*node.again, *node.prompts), view),
        take,
        node.first_key_s,
        node.between_keys_s,
        node.length.min,
        node.length.max,
        node.end_key,
        node.tries,
    )


def _listen(node: model.Listen, view: View) -> Act:
    meanings = {**node.words, **{str(key): meaning for key, meaning in node.keys.items()}}

    def take(answer: str) -> Taken | None:
        if answer in meanings:
            return Taken("next", {node.store: meanings[answer]})
        return Taken(f"key:{answer}") if answer == model.PERSON_KEY else None

    return Question(
        spoken(node.prompts, view),
        spoken((*node.again, *node.prompts), view),
        take,
        node.first_key_s,
        tries=node.tries,
        words=tuple(node.words),
    )


def _survey(node: model.Survey, view: View) -> Act:
    thanks = spoken(node.thanks, view)

    def take(key: str) -> Taken | None:
        return Taken("next", mark=int(key), thanks=thanks) if key in MARKS else None

    return Question(
        spoken(node.prompts, view),
        spoken(node.again, view),
        take,
        node.first_key_s,
        tries=node.tries,
        failed="next",
    )


def _language(node: model.ChooseLanguage, view: View) -> Act:
    if node.to:
        return Pass("next", language=node.to)

    languages = {str(key): language for key, language in node.keys.items()}

    def take(key: str) -> Taken | None:
        return Taken("next", language=languages[key]) if key in languages else None

    return Question(
        spoken(node.prompts, view),
        (),
        take,
        node.first_key_s,
        failed="next",
        leave_unknown=True,
    )


def _hours(node: model.Hours, view: View) -> Act:
    # Not known to be closed is open: a person is tried before a machine.
    if view.fact(f"queue.{node.queue}.open") is not False:
        return Pass("open")
    return Pass("holiday" if node.holiday and view.fact("calendar.holiday") else "closed")


def _branch(node: model.Branch, view: View) -> Act:
    value = view.fact(node.on)
    for number, case in enumerate(node.cases, 1):
        if _holds(case, value):
            return Pass(f"case:{number}")
    return Pass("otherwise")


def _holds(case: model.Case, value: object) -> bool:
    if value is None:
        return False
    if case.equals is not None:
        wanted = case.equals if isinstance(case.equals, tuple) else (case.equals,)
        if as_text(value) not in [as_text(one) for one in wanted]:
            return False
    if case.at_least is None and case.at_most is None:
        return True
    number = _number(value)
    if number is None:
        return False
    return (case.at_least is None or number >= case.at_least) and (
        case.at_most is None or number <= case.at_most
    )


def _number(value: object) -> float | None:
    try:
        return float(as_text(value))
    except ValueError:
        return None


def _set(node: model.Set, view: View) -> Act:
    return Pass("next", {name: fill(text, view) for name, text in node.values.items()})


def _transfer(node: model.Transfer, view: View) -> Act:
    return Outside(Connect(node.target, fill(_in(node.hint, view.language), view)))


def _lookup(node: model.Lookup, view: View) -> Act:
    return Outside(LookUp(node.by, fill(node.number, view), fill(node.last_four, view)))


def _webhook(node: model.Webhook, view: View) -> Act:
    send = {name: fill(text, view) for name, text in node.send.items()}
    return Outside(AskSystem(node.url, node.method, send, node.store, node.deadline_s))


_ACTS: Mapping[type[Any], Callable[[Any, View], Act]] = {
    model.Say: lambda node, view: Tell(spoken(node.prompts, view), "next", node.barge),
    model.Announcement: _announcement,
    model.Menu: _menu,
    model.Digits: _digits,
    model.Listen: _listen,
    model.Survey: _survey,
    model.ChooseLanguage: _language,
    model.Hours: _hours,
    model.Set: _set,
    model.Branch: _branch,
    model.Queue: lambda node, _: Outside(ToQueue(node.queue, node.priority, node.reason)),
    model.Report: lambda node, _: Outside(LeaveReport(node.reason, node.review)),
    model.Transfer: _transfer,
    model.Lookup: _lookup,
    model.Webhook: _webhook,
    model.Register: lambda _node, _: Outside(RegisterAffected()),
    model.SubFlow: lambda node, _: Call(node.flow),
    model.Return: lambda node, _: Back(node.exit),
    model.Goodbye: lambda node, view: Close(spoken(node.prompts, view)),
}
