"""What the receiving side is told before it hears the caller."""

from __future__ import annotations

from hotline.ivr.pieces import Piece, Prompt, Read, Reading, Said


def hint(calling: str, note: str) -> tuple[Piece, ...]:
    """The words for a third: who calls, the caller's number, and what it is about.

    ``calling`` is empty when the number was withheld; ``note`` is what an agent or a flow adds.
    """
    digits = "".join(one for one in calling if one.isdigit())
    who: tuple[Piece, ...] = (
        (Prompt("handover-number"), Read(Reading.PHONE, digits))
        if digits
        else (Prompt("handover-withheld"),)
    )
    about: tuple[Piece, ...] = (Prompt("handover-about"), Said(note)) if note.strip() else ()
    return (Prompt("handover-hint"), *who, *about, Prompt("handover-go"))


def waiting(name: str) -> tuple[Piece, ...]:
    """What the caller is told while a target called ``name`` is rung."""
    return (Prompt("handover-connecting"), Said(name), Prompt("handover-hold"))
