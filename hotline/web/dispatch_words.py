"""Suggested units in words: what speaks for each, so that nobody has to believe a number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hotline.registry.dispatching.model import Candidate, Contradiction, Record, Rule, Suggestion
from hotline.registry.places.model import Kind
from hotline.registry.taxonomy.model import Category
from hotline.web.page import Page
from hotline.web.web import Web

_KINDS = (Kind.DISTRICT, Kind.STREET, Kind.COMMUNITY, Kind.DUTY_GRID, Kind.UNIT_GRID)


@dataclass(frozen=True, slots=True)
class Shown:
    """A unit with its evidence, a line each."""

    unit_id: str
    name: str
    points: int
    sum: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A rule that the evidence speaks against, with the change that somebody may decide on;
    ``category`` and ``place`` fill in the form of a new rule."""

    text: str
    category: str
    place: str
    unit: str


class DispatchWords:
    """Words for one page: classes, places and units by their names."""

    def __init__(self, web: Web, page: Page) -> None:
        self._t: Callable[..., str] = page.t
        self._atlas = web.parts.room.places.atlas
        self._units = web.parts.room.units
        self._classes = web.parts.room.taxonomy

    def shown(self, suggestion: Suggestion) -> list[Shown]:
        """The candidates in their order."""
        return [self._candidate(one, suggestion) for one in suggestion.candidates]

    def doubts(self, suggestion: Suggestion, street: str, category: str) -> list[Doubt]:
        """What the evidence says against rules."""
        scope = suggestion.history.scope
        place = street if scope == "street" else ""
        return [self._doubt(one, scope, category, place) for one in suggestion.contradictions]

    def rule(self, rule: Rule) -> str:
        """A rule on one line."""
        return self._t(
            "dispatch.rule_line",
            category=self.category(rule.category),
            place=self.place(rule.place),
            unit=self.unit(rule.unit_id),
        )

    def unit(self, unit_id: str) -> str:
        """A unit's name; its id when nobody has it."""
        unit = self._units.get(unit_id)
        return unit.name if unit else unit_id

    def place(self, place_id: str) -> str:
        """A place's name; "the whole city" for none, the id for one that is unknown."""
        if not place_id:
            return self._t("dispatch.everywhere")
        found = (self._atlas.get(kind, place_id) for kind in _KINDS)
        return next((place.name for place in found if place), place_id)

    def category(self, beginning: str) -> str:
        """What all classes with this beginning are called together."""
        if not beginning:
            return self._t("dispatch.every_class")
        branch, _, code = beginning.partition("/")
        one = self._classes.get(beginning)
        if one is not None:
            return one.name
        word = self._t(f"dispatch.branch.{branch}") if branch in {"component", "event"} else branch
        if not code:
            return word
        majors = {c.major for c in self._classes if _begins(c, beginning)}
        return f"{word} · {'、'.join(sorted(majors))}" if majors else beginning

    def _candidate(self, one: Candidate, suggestion: Suggestion) -> Shown:
        lines = [self.rule(rule) + (f" · {rule.note}" if rule.note else "") for rule in one.rules]
        lines.append(self._record(one.record, suggestion))
        lines += self._instead(one.record)
        if one.area_points:
            lines.append(self._t("dispatch.out_of_area"))
        total = self._t(
            "dispatch.sum",
            rule=one.rule_points,
            record=f"{one.record_points:+d}",
            area=f"-{one.area_points}" if one.area_points else "+0",
            points=one.points,
        )
        return Shown(one.unit_id, one.name, one.points, total, tuple(lines))

    def _record(self, record: Record, suggestion: Suggestion) -> str:
        history = suggestion.history
        if not record.given:
            key = "dispatch.no_record"
            return self._t(key, days=history.days, scope=self._scope(history.scope))
        return self._t(
            "dispatch.record",
            days=history.days,
            scope=self._scope(history.scope),
            given=record.given,
            handled=record.handled,
            returned=record.returned,
            redirected=record.redirected,
            open=record.open,
        )

    def _instead(self, record: Record) -> list[str]:
        ordered = sorted(record.corrected.items(), key=lambda pair: (-pair[1], pair[0]))
        return [
            self._t("dispatch.instead", count=count, unit=self.unit(unit_id))
            for unit_id, count in ordered
        ]

    def _doubt(self, one: Contradiction, scope: str, category: str, place: str) -> Doubt:
        text = self._t(
            "dispatch.doubt" if one.better else "dispatch.doubt_nobody",
            rule=self.rule(one.rule),
            scope=self._scope(scope),
            given=one.record.ended,
            wrong=one.record.wrong,
            better=self.unit(one.better),
        )
        return Doubt(text, category, place, self.unit(one.better) if one.better else "")

    def _scope(self, scope: str) -> str:
        return self._t(f"dispatch.scope.{scope}")


def _begins(category: Category, beginning: str) -> bool:
    return category.key.startswith(beginning)
