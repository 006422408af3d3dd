"""What happens to a walk (inputs), and what it wants done (effects)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hotline.ivr.acts import Matter
from hotline.ivr.pieces import Piece

# --- inputs ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Begun:
    """The caller is there."""


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key: one of ``0123456789*#``."""

    key: str


@dataclass(frozen=True, slots=True)
class Played:
    """What :class:`Play` number ``number`` asked for was said, cut short, or could not be."""

    number: int


@dataclass(frozen=True, slots=True)
class Heard:
    """A word of a :class:`Listen`; ``confidence`` 0 to 1."""

    word: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Settled:
    """An outside matter came to its end by ``exit``; ``pieces`` are said before going on."""

    number: int
    exit: str
    values: Mapping[str, str] = field(default_factory=dict)
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class TimePassed:
    """A deadline may be due."""


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller is gone."""


Input = Begun | KeyPressed | Played | Heard | Settled | TimePassed | HungUp


# --- effects ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entered:
    """The caller came to a node, by an exit of the last one (empty for the first)."""

    flow: str
    version: int
    node: str
    by: str


@dataclass(frozen=True, slots=True)
class Play:
    """Say this, in ``language``, and answer with :class:`Played`. When ``interruptible``, the
    first key cuts it short."""

    number: int
    pieces: tuple[Piece, ...]
    language: str
    interruptible: bool


@dataclass(frozen=True, slots=True)
class Hush:
    """Stop saying anything."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Listen for these words from now on."""

    words: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class Deafen:
    """Listen no longer."""


@dataclass(frozen=True, slots=True)
class Settle:
    """Settle an outside matter, and answer with :class:`Settled` of the same number."""

    number: int
    matter: Matter


@dataclass(frozen=True, slots=True)
class Marked:
    """The caller gave a mark, 1 to 5."""

    score: int


@dataclass(frozen=True, slots=True)
class HangUp:
    """The walk is over."""


Effect = Entered | Play | Hush | Listen | Deafen | Settle | Marked | HangUp
