"""The flow language: a flow and its nodes, as frozen, validated data.

A flow is a graph. Every node has a ``kind``, what it needs, and named exits that lead to other
nodes. The JSON Schema that editors complete with is :func:`json_schema`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from hotline.ivr.pieces import Reading

NAME = r"^[a-z][a-z0-9_-]{0,47}$"
VARIABLE = r"^[a-z][a-z0-9_]{0,31}(\.[a-z0-9_-]{1,32}){0,2}$"

Name = Annotated[str, Field(pattern=NAME)]
Variable = Annotated[str, Field(pattern=VARIABLE)]
Key = Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"]
Language = Literal["zh", "en"]
Wait = Annotated[float, Field(ge=1, le=60)]
Tries = Annotated[int, Field(ge=1, le=5)]
TextByLanguage = dict[Language, Annotated[str, Field(min_length=1, max_length=600)]]

PERSON_KEY: Key = "0"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


# --- what is said ----------------------------------------------------------------------------


class Text(_Part):
    """Free text, in each language it is to be heard in; ``${name}`` puts a value in."""

    say: TextByLanguage = Field(min_length=1)


class Value(_Part):
    """A value, read out as a speaker would read it."""

    read: Reading
    value: str = Field(min_length=1, max_length=200)


Spoken = Name | Text | Value
Prompts = Annotated[tuple[Spoken, ...], Field(max_length=20)]
SomePrompts = Annotated[tuple[Spoken, ...], Field(min_length=1, max_length=20)]


# --- nodes -----------------------------------------------------------------------------------


class _Node(_Part):
    note: str = Field("", max_length=500, description="For those who read the flow; never said.")

    def exits(self) -> Iterator[tuple[str, str | None]]:
        """Each exit's name and target; a target of None is the flow's person."""
        yield from ()


class Say(_Node):
    """Says something. Keys pressed meanwhile wait for the next node that asks."""

    kind: Literal["say"]
    prompts: SomePrompts
    barge: bool = Field(True, description="Whether a key cuts the prompt short.")
    next: Name

    def exits(self) -> Iterator[tuple[str, str | None]]:
        """``next``."""
        yield "next", self.next


class Announcement(_Node):
    """Something said for a time only, which may offer a choice by one key."""

    kind: Literal["announcement"]
    prompts: SomePrompts
    since: str | None = Field(None, description="ISO 8601 local time from which on it is said.")
    until: str | None = Field(None, description="ISO 8601 local time until which it is said.")
    keys: dict[Key, Name] = Field(default_factory=dict)
    wait_s: Wait = Field(4, description="How long to wait for such a key after the text.")
    next: Name

    def exits(self) -> Iterator[tuple[str, str | None]]:
        """One for each key, and ``next``."""
        yield from ((f"key:{key}", target) for key, target in self.keys.items())
        yield "next", self.next


class Menu(_Node):
    """A choice by one key, or by a word where speech is on.

    ``0`` leads to a person unless the flow gives it another meaning. After ``tries`` failures
    (silence or a key that means nothing) the caller goes to ``otherwise``: a person.
    """

    kind: Literal["menu"]
    prompts: SomePrompts
    keys: dict[Key, Name] = Field(min_length=1)
    words: dict[Annotated[str, Field(min_length=1, max_length=12)], Name] = Field(
        default_factory=dict
    )
    again: Prompts = Field(("menu-again",), description="Said before the prompts after a failure.")
    first_key_s: Wait = 6
    tries: Tries = 3
    otherwise: Name | None = Field(None, description="After the tries; left out: a person.")

    def exits(self) -> Iterator[tuple[str, str | None]]:
        """One for each key and word, and ``failed``."""
        yield from ((f"key:{key}", target) for key, target in self.keys.items())
        yield from ((f"word:{word}", target) for word, target in self.words.items())
        if PERSON_KEY not in self.keys:
            yield f"key:{PERSON_KEY}", None
        yield "failed", self.otherwise


class Length(_Part):
    """How many digits are asked for."""

    min: Annotated[int, Field(ge=1, le=32)] = 1
    max: Annotated[int, Field(ge=1, le=32)] = 32

    @model_validator(mode="after")
    def _ordered(self) -> Length:
        if self.min > self.max:
            raise ValueError(f"min ({self.min}) is larger than max ({self.max})")
        return self


class Digits(_Node):
    """Asks for digits and keeps them. ``*`` begins again."""

    kind: Literal["digits"]
    prompts: SomePrompts
    store: Variable
    length: Length = Length()
    end_key: Literal["#", "*", ""] = Field("#", description="Ends them early; never stored.")
    first_key_s: Wait = 8
    between_keys_s: Wait = 4
    again: Prompts = ("digits-again",)
    tries: Tries = 3
    next: Name
    otherwise: Name | None = Field(None, description="After the tries; left out: a person.")

    def exits(self) -> Iterator[tuple[str, str | None]]:
        """``next`` and ``failed``."""
        yield "next", self.next
        yield "failed", self.otherwise


class Listen(_Node):
    """Asks for one of some words, by voice or by key, and keeps what it stands for."""

    kind: Literal["listen"]
    prompts: SomePrompts
    store: Variable
    words: dict[Annotated[str, Field(min_length=1, max_length=12)], str] = Field(min_length=1)
    keys: dict[Key, str] = Field(min_length=1)
    again: Prompts = ("menu-again",)
    first_key_s: Wait = 8
    tries: Tries = 3
    next: Name
    otherwise: Name | None = Field(None, description="After the tries; left out: a person.")

    def exits(self) -> Iterator[tuple[str, str | None]]:
        """``next``, a person by ``0`` unless it has another meaning, and ``failed``."""
        yield "next", self.next
        if PERSON_KEY not in self.keys:
            yield f"key:{PERSON_KEY}", None
        yield "failed", self.otherwise


class Hours(_Node):
    """Whether the queue is on duty by the calendar."""

    kind: Literal["hours"]
    queue: Name
    open: Name
    closed: Name
    holiday: Name | None = Field(None, description="Closed for a holiday; left out: closed.")

    def exits(self) -> Iterator[tuple[str, str | None]]:
        """``open``, ``closed`` and, when given, ``holiday``."""
        yield "open", self.open
        yield "closed", self.closed
        if self.holiday:
            yield "holiday", self.holiday


class Report(_Node):
    """Takes a spoken report. A caller who hangs up has left it all the same."""

    kind: Literal["report"]
    reason: Literal["asked", "out_of_hours", "nobody_ready", "storm"] = "asked"
    review: bool = Field(True, description="Whether it can be heard, done again and added to.")
    saved: Name
    empty: Name
    failed: Name | None = Field(None, description="It could not be kept; left out: a person.")

    def exits(self) -> Iterator[tuple[str, str | None]]:
        """``saved``, ``empty`` and ``failed``."""
        yield "saved", self.saved
        yield "empty", self.empty
        yield "failed", self.failed


class Lookup(_Node):
    """Says how the caller's cases are doing: those of the calling number, or the one whose
    number and last four digits of the phone the caller gave."""

    kind: Literal["lookup"]
    by: Literal["calling", "number"]
    number: str = Field("", max_length=100, description="The case's number, as ${name}.")
    last_four: str = Field("", max_length=100, description="The phone's last four digits.")
    found: Name
    none: Name

    @model_validator(mode="after")
    def _complete(self) -> Lookup:
        if self.by == "number" and not (self.number and self.last_four):
            raise ValueError("by: number needs both number and last_four")
        return self

    def exits(self) -> Iterator[tuple[str, str | None]]:
        """``found`` (after it was said) and ``none``."""
        yield "found", self.found
        yield "none", self.none


class Queue(_Node):
    """Waits for a person, with music, until one talked or none was free in time.

    Where callers go whom the queue cannot serve is the routing plan's to say: another queue or
    service, of which a flow sees nothing but ``overflow``, or ``nobody`` and ``full``.
    """

    kind: Literal["queue"]
    queue: Name
    priority: Literal["usual", "raised", "life"] = Field(
        "usual", description="raised and life need a reason that the agent is shown."
    )
    reason: str = Field("", max_length=60, description="Why the priority is raised; a code.")
    talked: Name = Field(description="After the talk.")
    nobody: Name = Field(description="Nobody took the call in time.")
    asked: Name = Field(description="The caller pressed the key for a report.")
    full: Name | None = Field(
        None, description="The queue takes no more, which was said; left out: nobody."
    )
    overflow: Name | None = Field(
        None, description="After a talk with the service it sent the caller to; left out: talked."
    )

    @model_validator(mode="after")
    def _explained(self) -> Queue:
        if self.priority == "raised" and not self.reason:
            raise ValueError("a raised priority needs a reason")
        return self

    def exits(self) -> Iterator[tuple[str, str | None]]:
        """``talked``, ``nobody``, ``asked``, ``full`` and ``overflow``."""
        yield "talked", self.talked
        yield "nobody", self.nobody
        yield "asked", self.asked
        yield "full", self.full or self.nobody
        yield "overflow", self.overflow or self.talked


class Transfer(_Node):
    """Connects the caller with another service, and stays in between."""

    kind: Literal["transfer"]
    target: str = Field(pattern=r"^[a-z0-9_-]{1,32}$", description="A configured target's code.")
    hint: TextByLanguage = Field(
        default_factory=dict, description="Told to who answers, before the caller is."
    )
    done: Name
    failed: Name | None = Field(None, description="Nobody answered there; left out: a person.")

    def exits(self) -> Iterator[tuple[str, str | None]]:
        """``done`` and ``failed``."""
        yield "done", self.done
        yield "failed", self.failed


class Survey(_Node):
    """Asks for a mark of 1 to 5; whoever gives none goes on all the same."""

    kind: Literal["survey"]
    prompts: SomePrompts = ("survey",)
    again: Prompts = ("survey-again",)
    thanks: Prompts = ("survey-thanks",)
    first_key_s: Wait = 5
    tries: Tries = 2
    next: Name

    def exits(self) -> Iterator[tuple[str, str | None]]:
        """``next``."""
        yield "next", self.next


class ChooseLanguage(_Node):
    """Goes on in another language: the one of ``to``, or the one chosen by key."""

    kind: Literal["language"]
    to: Language | None = None
    prompts: Prompts = ()
    keys: dict[Key, Language] = Field(default_factory=dict)
    first_key_s: Wait = 4
    next: Name

    @model_validator(mode="after")
    def _one_way(self) -> ChooseLanguage:
        if (self.to is None) == (not self.keys):
            raise ValueError("give either to, or prompts and keys")
        if self.keys and not self.prompts:
            raise ValueError("keys need prompts that tell of them")
        return self

    def exits(self) -> Iterator[tuple[str, str | None]]:
        """``next``."""
        yield "next", self.next


class Set(_Node):
    """Keeps values under names; ``${name}`` takes them from elsewhere."""

    kind: Literal["set"]
    values: dict[Variable, Annotated[str, Field(max_length=200)]] = Field(min_length=1)
    next: Name

    def exits(self) -> Iterator[tuple[str, str | None]]:
        """``next``."""
        yield "next", self.next


class Case(_Part):
    """One way out of a branch: the first whose conditions all hold is taken."""

    equals: str | int | bool | tuple[str, ...] | None = Field(
        None, description="The value, or one of several."
    )
    at_least: float | None = None
    at_most: float | None = None
    next: Name

    @model_validator(mode="after")
    def _some_condition(self) -> Case:
        if self.equals is None and self.at_least is None and self.at_most is None:
            raise ValueError("needs equals, at_least or at_most")
        return self


class Branch(_Node):
    """Goes on by what is known: a fact (``storm.active``) or a kept value."""

    kind: Literal["branch"]
    on: Variable
    cases: tuple[Case, ...] = Field(min_length=1, max_length=20)
    otherwise: Name

    def exits(self) -> Iterator[tuple[str, str | None]]:
        """``case:1``, ``case:2``… and ``otherwise``."""
        yield from ((f"case:{number}", case.next) for number, case in enumerate(self.cases, 1))
        yield "otherwise", self.otherwise


class SubFlow(_Node):
    """Walks another flow, and goes on where that one returns."""

    kind: Literal["flow"]
    flow: Name
    exits_to: dict[Name, Name] = Field(
        default_factory=dict, description="Where to go by the exit that the other returns with."
    )
    next: Name

    def exits(self) -> Iterator[tuple[str, str | None]]:
        """One for each named exit, and ``next`` for every other."""
        yield from ((f"exit:{name}", target) for name, target in self.exits_to.items())
        yield "next", self.next


class Return(_Node):
    """Ends a sub-flow: back to the flow that called it."""

    kind: Literal["return"]
    exit: Name = "done"


class Webhook(_Node):
    """Asks another system, which must answer JSON in time."""

    kind: Literal["webhook"]
    url: str = Field(pattern=r"^https?://[^\s]{1,300}$")
    method: Literal["GET", "POST"] = "POST"
    send: dict[Annotated[str, Field(max_length=40)], str] = Field(default_factory=dict)
    store: dict[Variable, Annotated[str, Field(max_length=100)]] = Field(
        default_factory=dict, description="Where in the answer each value stands: a.b.0"
    )
    deadline_s: Annotated[float, Field(gt=0, le=10)] = 3
    next: Name
    fallback: Name

    def exits(self) -> Iterator[tuple[str, str | None]]:
        """``next`` and ``fallback``."""
        yield "next", self.next
        yield "fallback", self.fallback


class Register(_Node):
    """Registers the caller as affected by the storm in force, once a number."""

    kind: Literal["register"]
    registered: Name
    known: Name = Field(description="This number was registered before.")
    none: Name = Field(description="There is no storm any more.")

    def exits(self) -> Iterator[tuple[str, str | None]]:
        """``registered``, ``known`` and ``none``."""
        yield "registered", self.registered
        yield "known", self.known
        yield "none", self.none


class Goodbye(_Node):
    """Says goodbye and hangs up."""

    kind: Literal["goodbye"]
    prompts: Prompts = ("goodbye",)


Node = Annotated[
    Say
    | Announcement
    | Menu
    | Digits
    | Listen
    | Hours
    | Report
    | Lookup
    | Queue
    | Transfer
    | Survey
    | ChooseLanguage
    | Set
    | Branch
    | SubFlow
    | Return
    | Webhook
    | Register
    | Goodbye,
    Field(discriminator="kind"),
]


# --- a flow ----------------------------------------------------------------------------------


class Bound(_Part):
    """No caller walks further than this without a person, a report or goodbye."""

    steps: Annotated[int, Field(ge=5, le=1000)] = Field(100, description="Nodes entered.")
    seconds: Annotated[float, Field(ge=30, le=7200)] = Field(
        900, description="Then the caller is led to a person."
    )


class Flow(_Part):
    """One flow, as its file says it."""

    flow: Name = Field(description="Its name.")
    title: TextByLanguage = Field(min_length=1)
    languages: tuple[Language, ...] = Field(("zh",), min_length=1)
    start: Name = Field(description="The first node.")
    person: Name | None = Field(
        None,
        description="The node that leads to a person: by 0, and after failures. A flow that is "
        "only called by others may leave it out.",
    )
    bound: Bound = Bound()
    nodes: dict[Name, Node] = Field(min_length=1, max_length=300)

    @field_validator("languages")
    @classmethod
    def _once(cls, value: tuple[Language, ...]) -> tuple[Language, ...]:
        if len(set(value)) != len(value):
            raise ValueError("a language is named twice")
        return value

    def exits(self, node_id: str) -> dict[str, str | None]:
        """The exits of a node: their names and targets. None is the flow's person; when the
        flow names none, that of the flow that called it. Raises KeyError."""
        return {
            name: target if target is not None else self.person
            for name, target in self.nodes[node_id].exits()
        }


def json_schema() -> Mapping[str, Any]:
    """The flow language's JSON Schema (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A flow of hotline 12319",
        **Flow.model_json_schema(),
    }


@dataclass(frozen=True, slots=True)
class PublishedFlow:
    """One version of a flow. ``version`` 0 is the one that the product ships."""

    name: str
    version: int
    flow: Flow


FlowSet = Mapping[str, PublishedFlow]
"""Every flow by name, as one call sees them from its beginning to its end."""
