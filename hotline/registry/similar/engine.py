"""How alike two cases are, and which of many are one matter. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, TypeVar

from rapidfuzz import fuzz

from hotline.registry.places.geometry import metres_between
from hotline.registry.places.names import normal
from hotline.registry.similar.model import Evidence, Look, Rules

WORTH_TELLING = 45
"""The least score that is shown to anybody."""

# What each likeness is worth; together 100.
_CLASS, _PLACE, _TIME, _TEXT = 30, 40, 10, 20
# Words less alike than this say nothing about the place.
_ALIKE = 60
_GRID_IS_WORTH, _WORDS_ARE_WORTH = 20, 32

K = TypeVar("K", bound=Hashable)


def look_of(case: Any) -> Look:
    """What is compared of a case, of its row, or of those columns of it."""
    return Look(
        at=case.opened_at,
        standard=case.standard,
        category_code=case.category_code,
        longitude=case.longitude,
        latitude=case.latitude,
        grid=case.grid,
        address=case.address,
        description=case.description,
    )


def compare(one: Look, other: Look, rules: Rules) -> Evidence | None:
    """What speaks for two being one matter; None when something rules it out.

    Ruled out are two different classes, more metres or more time apart than the rules allow, and
    whatever scores less than :data:`WORTH_TELLING`. Without both points the addresses' words and
    the grid stand for the distance.
    """
    apart_s = abs(one.at - other.at)
    known = one.category_code and other.category_code
    same_class = bool(known) and _class(one) == _class(other)
    if apart_s > rules.seconds or (known and not same_class):
        return None
    metres = metres_between(one.point, other.point) if one.point and other.point else None
    if metres is not None and metres > rules.metres:
        return None
    same_grid = bool(one.grid) and one.grid == other.grid
    address, text = alike(one.address, other.address), alike(one.description, other.description)
    score = (
        _CLASS * same_class
        + _place(metres, address, rules, same_grid=same_grid)
        + _TIME * (1 - apart_s / rules.seconds if rules.seconds else 1)
        + _TEXT * text / 100
    )
    if score < WORTH_TELLING:
        return None
    return Evidence(
        score=round(score),
        metres=None if metres is None else round(metres, 1),
        hours=round(apart_s / 3600, 1),
        same_class=same_class,
        same_grid=same_grid,
        address=address,
        text=text,
    )


def alike(one: str, other: str) -> int:
    """How alike two texts are, 0 to 100: by the pairs of characters that they share."""
    pairs = [_pairs(normal(text)) for text in (one, other)]
    return round(fuzz.token_set_ratio(*pairs)) if all(pairs) else 0


def clusters(looks: Mapping[K, Look], rules: Rules) -> list[tuple[K, ...]]:
    """Which of these hang together: each of a cluster has the class of all and is near another
    one of it in place and time. In the order of their instants, the earliest first."""
    order = sorted(looks, key=lambda key: (looks[key].at, str(key)))
    found: list[list[K]] = []
    for key in order:
        look = looks[key]
        touching = [one for one in found if any(_together(looks[k], look, rules) for k in one)]
        merged = [k for one in touching for k in one]
        found = [one for one in found if one not in touching]
        found.append([*merged, key])
    ordered = [tuple(sorted(one, key=order.index)) for one in found]
    return sorted((one for one in ordered if len(one) > 1), key=lambda one: order.index(one[0]))


def _together(one: Look, other: Look, rules: Rules) -> bool:
    if not one.category_code or _class(one) != _class(other):
        return False
    if abs(one.at - other.at) > rules.seconds:
        return False
    if one.point and other.point:
        return metres_between(one.point, other.point) <= rules.metres
    return bool(one.address) and alike(one.address, other.address) >= 90


def _class(look: Look) -> tuple[str | None, str | None]:
    return look.standard, look.category_code


def _place(metres: float | None, address: int, rules: Rules, *, same_grid: bool) -> float:
    if metres is not None:
        # At the edge of what is allowed half of it is left.
        share = metres / rules.metres if rules.metres else 0.0
        return _PLACE * (1 - share / 2)
    words = _WORDS_ARE_WORTH * address / 100 if address >= _ALIKE else 0
    return max(words, _GRID_IS_WORTH if same_grid else 0)


def _pairs(text: str) -> str:
    if len(text) < 2:
        return text
    return " ".join(text[at : at + 2] for at in range(len(text) - 1))


def ranked(found: Sequence[tuple[K, Evidence]]) -> list[tuple[K, Evidence]]:
    """The likeliest first; of equals the nearest in time."""
    return sorted(found, key=lambda one: (-one[1].score, one[1].hours, str(one[0])))
