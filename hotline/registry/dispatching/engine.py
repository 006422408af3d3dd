"""Which unit to suggest, by points that anybody can add up. Pure: the same facts give the same
suggestion.

- The most specific rule that fits is worth :data:`RULE`, any other that fits :data:`WIDER_RULE`.
  A longer class goes before a narrower place: what a thing is decides who owns it.
- Earlier dispatches of the same class there are worth ``100 × (handled − wrong) / (handled +
  wrong + 4)``: nothing without any, nearly 100 for many that went well, nearly −100 for many
  that were sent back or ruled to another unit. The four in the denominator keep one bad day from
  overturning a rule.
- A unit that does not serve the place loses :data:`OUT_OF_AREA`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hotline.registry.dispatching.model import (
    PLACES,
    Candidate,
    Contradiction,
    History,
    Matter,
    Record,
    Rule,
    Suggestion,
    UnitHere,
)

RULE = 100
WIDER_RULE = 50
OUT_OF_AREA = 80
MOST_CANDIDATES = 9
# A rule is called into question by this many in vain, when they are the half or more.
DOUBT_FROM = 3
# Fewer known ends than this say little: a wider neighbourhood is asked.
ENOUGH = 5
_PRIOR = 4


def fitting(matter: Matter, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules that are about this case, the most specific first; of equals the newest."""
    found = [rule for rule in rules if _fits(matter, rule)]
    return tuple(sorted(found, key=lambda rule: (_specificity(matter, rule), rule.rule_id)))[::-1]


def suggest(
    matter: Matter, rules: Iterable[Rule], history: History, units: Mapping[str, UnitHere]
) -> Suggestion:
    """Who may be given the case. ``units`` are those that are open, by id."""
    fit = fitting(matter, rules)
    live = tuple(rule for rule in fit if rule.unit_id in units)
    records = {record.unit_id: record for record in history.records}
    named = {rule.unit_id for rule in live} | {one for one in records if one in units}
    named |= {unit for one in history.records for unit in one.corrected if unit in units}
    candidates = sorted(
        (_candidate(units[unit_id], live, records) for unit_id in named),
        key=lambda one: (-one.points, -one.record_points, one.unit_id),
    )
    best = tuple(candidates[:MOST_CANDIDATES])
    closed = tuple(rule for rule in fit if rule.unit_id not in units)
    return Suggestion(best, history, tuple(_contradicted(live, best)), closed)


def record_points(record: Record) -> int:
    """What earlier dispatches are worth, from −100 to 100."""
    good = record.handled - record.wrong
    return round(100 * good / (record.ended + _PRIOR))


def nearest(histories: Sequence[History]) -> History:
    """The nearest history that says enough; else the widest one. ``histories`` come nearest
    first; raises :class:`IndexError` for none."""
    return next((one for one in histories if one.ended >= ENOUGH), histories[-1])


def _fits(matter: Matter, rule: Rule) -> bool:
    if not matter.category.startswith(rule.category):
        return False
    return not rule.place or rule.place in matter.places.values()


def _specificity(matter: Matter, rule: Rule) -> tuple[int, int]:
    narrowness = 0
    for rank, name in enumerate(PLACES, 1):
        if rule.place and matter.places.get(name) == rule.place:
            narrowness = rank
    return len(rule.category), narrowness


def _candidate(unit: UnitHere, rules: Sequence[Rule], records: Mapping[str, Record]) -> Candidate:
    own = tuple(rule for rule in rules if rule.unit_id == unit.unit_id)
    record = records.get(unit.unit_id, Record(unit.unit_id))
    by_rule = 0
    if own:
        by_rule = RULE if own[0] == rules[0] else WIDER_RULE
    by_record = record_points(record)
    by_area = 0 if unit.serves else OUT_OF_AREA
    points = by_rule + by_record - by_area
    return Candidate(
        unit.unit_id, unit.name, points, by_rule, by_record, by_area, own, record
    )  # fmt: skip


def _contradicted(rules: Sequence[Rule], best: Sequence[Candidate]) -> Iterable[Contradiction]:
    if not rules or not best:
        return
    rule = rules[0]
    record = next((one.record for one in best if one.unit_id == rule.unit_id), None)
    if record is None or record.wrong < DOUBT_FROM or 2 * record.wrong < record.ended:
        return
    better = best[0].unit_id
    if better == rule.unit_id:
        # Nobody has done better yet: whom the cases went to instead is the best there is to say.
        instead = sorted(record.corrected.items(), key=lambda pair: (-pair[1], pair[0]))
        better = instead[0][0] if instead else ""
    yield Contradiction(rule, record, better)
