"""Years of synthetic cases, drawn from a seed: for trying screens and reports, and for timing.

Pure: the same seed, city and moment give the same cases. Nobody in them exists.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import accumulate
from random import Random
from typing import Any

from hotline.clock import local
from hotline.registry.lifecycle import State

HOUR = 3600.0
DAY = 24 * HOUR

# How lively each hour of a day and each month of a year is; a week's end is calmer.
_HOURS = (2, 1, 1, 1, 1, 2, 5, 9, 14, 15, 14, 12, 9, 10, 13, 14, 13, 11, 9, 8, 7, 6, 4, 3)
_MONTHS = (0.8, 0.7, 0.9, 1.0, 1.1, 1.2, 1.4, 1.3, 1.1, 0.9, 0.9, 0.8)
_WEEKEND = 0.7
_RAINSTORM, _RAINSTORM_CHANCE = 4.0, 0.01

_SOURCES: Mapping[str, float] = {
    "inspector": 46, "hotline": 28, "voice_report": 4, "12345": 12, "110": 2, "internet": 3,
    "community": 2, "mayor_mailbox": 1, "media": 0.5, "department": 1, "leader": 0.5,
}  # fmt: skip
_KINDS: Mapping[str, float] = {
    "report": 52, "complaint": 20, "help": 16, "consult": 8, "suggestion": 3, "praise": 1,
}  # fmt: skip
_URGENCIES: Mapping[str, float] = {"normal": 90, "urgent": 8.5, "critical": 1.5}
_FROM_CITIZENS = frozenset({"hotline", "voice_report", "12345", "110", "internet", "mayor_mailbox"})

# Hours that units are given, by the urgency of what they are for.
_LIMITS_H = (4, 24, 24, 48, 72, 120)
_CLOSED_WITHIN_S = 10 * DAY
# Shares of the cases that are worked on.
_SUSPENDED, _REWORKED, _STUBBORN = 0.015, 0.06, 0.03
# Reports of what one of the newest cases is about already.
_REPEATED, _REMEMBERED = 0.08, 200

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
_PREFIXES = ("130", "135", "138", "139", "150", "158", "176", "186", "189")
_SIDES = ("门口", "对面", "东侧", "西侧人行道", "路口", "公交站旁", "小区南门", "菜市场外")
_STORIES = (
    "{what}，已经{days}天没有人处理，行人经过很危险，希望尽快安排。",
    "反映{what}，晚上看不清，昨天有老人在这里绊倒，请派人查看。",
    "{what}，之前打过一次电话，处理后又出现同样的问题。",
    "{what}，影响附近居民出行，孩子上学要绕路。",
    "市民来电称{what}，现场没有警示标志，请相关单位核实处理并回复。",
    "巡查发现{what}，面积约{days}平方米，已拍照上报。",
)


@dataclass(frozen=True, slots=True)
class Spot:
    """Somewhere in the city: a unit grid with what it lies in, and a road beside it."""

    grid: str
    duty_grid: str
    community: str
    street: str
    district: str
    longitude: float
    latitude: float
    road: str


@dataclass(frozen=True, slots=True)
class Handler:
    """A unit that cases are dispatched to; ``name`` as screens show it."""

    unit_id: str
    name: str


@dataclass(frozen=True, slots=True)
class CityClass:
    """A class that cases are of."""

    standard: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class City:
    """What the cases are drawn from; none of the four may be empty but ``spots``."""

    zone: tzinfo
    spots: Sequence[Spot]
    handlers: Sequence[Handler]
    classes: Sequence[CityClass]


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a case took, as :class:`hotline.events.CaseMoved` tells it."""

    at: float
    action: str
    source: str
    target: str
    by: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class SyntheticCase:
    """A case's columns, the state that it began in, and the steps that led on from there."""

    columns: Mapping[str, Any]
    began: str
    steps: Sequence[Step]


def casebook(
    city: City, count: int, until: float, days: int, random: Random
) -> Iterator[SyntheticCase]:
    """``count`` cases by when they were opened, over ``days`` days of which the last is that of
    ``until`` (Unix seconds), as far as it has come; each stands where it would stand at ``until``.

    Raises :class:`ValueError` when the city lacks units or classes, or for no days.
    """
    if not city.handlers or not city.classes or days < 1:
        raise ValueError("a casebook needs units, classes and at least one day")
    writer = _Writer(city, until, random)
    last = local(until, city.zone).date()
    dates = [last - timedelta(days=back) for back in range(days - 1, -1, -1)]
    for day, cases in zip(dates, _shares(dates, count, random), strict=True):
        yield from writer.day(day, cases)


def _shares(dates: Sequence[date], count: int, random: Random) -> Iterator[int]:
    """How many cases each date has, ``count`` in all."""
    weights = []
    for day in dates:
        weight = _MONTHS[day.month - 1] * (_WEEKEND if day.weekday() >= 5 else 1.0)
        weight *= random.uniform(0.85, 1.15)
        weights.append(weight * (_RAINSTORM if random.random() < _RAINSTORM_CHANCE else 1.0))
    total, given = sum(weights), 0
    for reached in accumulate(weights):
        due = round(count * reached / total)
        yield due - given
        given = due


class _Writer:
    """Writes a day's cases."""

    def __init__(self, city: City, until: float, random: Random) -> None:
        self._city = city
        self._until = until
        self._random = random
        # A few classes and places make most of the trouble.
        self._class_weights = list(accumulate(1 / (n + 2) for n in range(len(city.classes))))
        self._hour_weights = list(accumulate(_HOURS))
        self._limits = {one.key: random.choice(_LIMITS_H) * HOUR for one in city.classes}
        self._usual = {one.key: random.choice(city.handlers) for one in city.classes}
        self._late = {one.unit_id: random.uniform(0.05, 0.28) for one in city.handlers}
        spots = list(city.spots)
        random.shuffle(spots)
        self._spots = spots
        self._newest: deque[tuple[CityClass, Spot | None]] = deque(maxlen=_REMEMBERED)
        self._troubled = spots[: max(1, len(spots) // 10)] if spots else []

    def day(self, day: date, cases: int) -> Iterator[SyntheticCase]:
        midnight = datetime(day.year, day.month, day.day, tzinfo=self._city.zone).timestamp()
        hours = self._random.choices(range(24), cum_weights=self._hour_weights, k=cases)
        times = [midnight + (hour + self._random.random()) * HOUR for hour in hours]
        if max(times, default=0.0) > self._until:
            times = [self._random.uniform(midnight, self._until) for _ in times]
        times.sort()
        for serial, opened_at in enumerate(times, 1):
            yield self._case(f"{day:%Y%m%d}{serial:05d}", opened_at)

    def _case(self, number: str, opened_at: float) -> SyntheticCase:
        random = self._random
        columns = self._form(number, opened_at)
        life = _Life(columns, self._until, random)
        if columns["source"] == "voice_report":
            life.begins(State.TO_VERIFY)
            life.step("verify", State.TO_FILE, random.uniform(60, 2 * HOUR), "agent1")
        else:
            life.begins(State.TO_FILE)
        self._lead(columns, life)
        columns["version"] = 1 + len(life.steps)
        columns["changed_at"] = life.at
        columns["changed_by"] = life.steps[-1].by if life.steps else columns["opened_by"]
        return SyntheticCase(columns, life.began, life.steps)

    def _lead(self, columns: dict[str, Any], life: _Life) -> None:
        random, fate = self._random, self._random.random()
        if columns["kind"] in ("consult", "praise") and fate < 0.9:
            life.step("close", State.CLOSED, random.uniform(60, 600), "agent1", "当场答复")
        elif fate < 0.06:
            life.step(
                "reject", State.NOT_FILED, random.uniform(300, HOUR), "agent1", "不属于受理范围"
            )
        elif fate < 0.07:
            life.step("void", State.VOID, random.uniform(300, HOUR), "supervisor", "重复登记")
        else:
            self._handle(columns, life)

    def _handle(self, columns: dict[str, Any], life: _Life) -> None:
        random = self._random
        if life.step("file", State.TO_DISPATCH, random.uniform(120, 40 * 60), "dispatcher1"):
            columns.update(filed_at=life.at, owner="dispatcher1")
            columns["close_due_at"] = life.at + _CLOSED_WITHIN_S
        handler = self._usual[columns["category_code"]]
        if random.random() < 0.04 and life.step(
            "dispatch", State.TO_HANDLE, random.uniform(300, 90 * 60), "dispatcher1"
        ):
            life.step(
                "send_back",
                State.TO_DISPATCH,
                random.uniform(HOUR, 8 * HOUR),
                "unit1",
                "不属于本单位职责",
            )
            columns["returns"] = 1
            handler = random.choice(self._city.handlers)
        if not life.step("dispatch", State.TO_HANDLE, random.uniform(300, 90 * 60), "dispatcher1"):
            return
        columns.update(unit=handler.name, unit_id=handler.unit_id, dispatched_at=life.at)
        limit = self._limits[columns["category_code"]]
        columns["handle_due_at"] = life.at + limit
        self._work(columns, life, limit, self._late[handler.unit_id])

    def _work(self, columns: dict[str, Any], life: _Life, limit: float, late: float) -> None:
        random = self._random
        worked = self._worked(limit, late)
        life.step("accept", State.HANDLING, min(worked / 3, random.uniform(600, 4 * HOUR)), "unit1")
        if random.random() < _SUSPENDED and life.step(
            "suspend", State.SUSPENDED, worked / 2, "dispatcher1", "需立项改造"
        ):
            columns.update(suspended_at=life.at, handle_due_at=None)
            if not life.step("resume", State.HANDLING, random.uniform(10, 90) * DAY, "dispatcher1"):
                return
            columns.update(suspended_at=None, handle_due_at=life.at + limit)
        life.step("feedback", State.TO_CHECK, worked, "unit1", "已现场处理完毕")
        if random.random() < _REWORKED and life.step(
            "check_fail", State.HANDLING, random.uniform(HOUR, DAY), "checker1", "现场仍有残留"
        ):
            columns["reworks"] = 1
            life.step("feedback", State.TO_CHECK, worked, "unit1", "已返工处理")
        if columns["state"] == State.TO_CHECK:
            columns["handled_at"] = life.at
        life.step("check_pass", State.TO_CLOSE, random.uniform(HOUR, DAY), "checker1")
        life.step("close", State.CLOSED, random.uniform(600, 12 * HOUR), "dispatcher1")

    def _worked(self, limit: float, late: float) -> float:
        """How many seconds a unit takes: in time, late, or so long that a backlog grows."""
        random, fate = self._random, self._random.random()
        if fate < _STUBBORN:
            return random.uniform(20, 150) * DAY
        return limit * (random.uniform(1.05, 3.0) if fate < late else random.betavariate(2, 3))

    def _form(self, number: str, opened_at: float) -> dict[str, Any]:
        random = self._random
        chosen, spot = self._matter()
        source = _drawn(_SOURCES, random)
        by_citizen = source in _FROM_CITIZENS
        place = f"{spot.road}{random.randrange(1, 400)}号{random.choice(_SIDES)}" if spot else ""
        what = f"{place}{chosen.name}问题"
        anonymous = by_citizen and random.random() < 0.05
        return {
            **_BLANK,
            "case_number": number,
            "source": source,
            "kind": _drawn(_KINDS, random) if by_citizen else "report",
            "urgency": _drawn(_URGENCIES, random),
            "standard": chosen.standard,
            "category_code": chosen.key,
            "category_name": chosen.name,
            "address": place,
            "description": random.choice(_STORIES).format(what=what, days=random.randrange(2, 30)),
            "caller_name": self._name() if by_citizen and not anonymous else "",
            "caller_phone": self._phone() if by_citizen and not anonymous else "",
            "anonymous": anonymous,
            "callback_wanted": by_citizen and not anonymous,
            "opened_by": "agent1" if by_citizen else "dispatcher1",
            "opened_at": opened_at,
            **_located(spot, random),
        }

    def _matter(self) -> tuple[CityClass, Spot | None]:
        """What is reported, and where: now and then what somebody has just reported."""
        if self._newest and self._random.random() < _REPEATED:
            return self._random.choice(self._newest)
        chosen = self._random.choices(self._city.classes, cum_weights=self._class_weights)[0]
        self._newest.append((chosen, self._spot()))
        return self._newest[-1]

    def _spot(self) -> Spot | None:
        if not self._spots:
            return None
        return self._random.choice(self._troubled if self._random.random() < 0.4 else self._spots)

    def _name(self) -> str:
        return self._random.choice(_SURNAMES) + self._random.choice(("先生", "女士"))

    def _phone(self) -> str:
        return f"{self._random.choice(_PREFIXES)}{self._random.randrange(10**8):08d}"


class _Life:
    """A case's steps as far as they come before ``until``."""

    def __init__(self, columns: dict[str, Any], until: float, random: Random) -> None:
        self._columns = columns
        self._until = until
        self._random = random
        self.at: float = columns["opened_at"]
        self.began = ""
        self.steps: list[Step] = []
        self._over = False

    def begins(self, state: str) -> None:
        self._columns["state"] = self.began = str(state)

    def step(self, action: str, target: str, after: float, by: str, why: str = "") -> bool:
        """Take a step ``after`` seconds, if that is past; nothing follows what is to come."""
        at = self.at + after
        if self._over or at > self._until:
            self._over = True
            return False
        source, self.at = self._columns["state"], at
        self._columns["state"] = str(target)
        if target == State.CLOSED:
            self._columns["closed_at"] = at
        self.steps.append(Step(at, action, source, str(target), by, why))
        return True


# Every case has every column, so that they are written many at a time.
_BLANK: Mapping[str, Any] = {
    "call_id": None, "report_id": None, "happened": "", "condition": "", "component_code": "",
    "landmark": "", "confidential": False, "taxonomy_revision": None, "unit": "", "unit_id": "",
    "owner": "", "filed_at": None, "dispatched_at": None, "handled_at": None, "closed_at": None,
    "handle_due_at": None, "close_due_at": None, "suspended_at": None, "returns": 0, "reworks": 0,
    "extensions": 0, "urgings": 0, "supervision": 0, "forced": False, "reports": 1,
    "merged_into": "",
}  # fmt: skip


def _located(spot: Spot | None, random: Random) -> dict[str, Any]:
    if spot is None:
        places = ("grid", "duty_grid", "community", "street", "district", "road")
        return {**dict.fromkeys(places, ""), "longitude": None, "latitude": None}
    # Some ten metres about, so that two reports of one place are seen to be one matter.
    return {
        "grid": spot.grid,
        "duty_grid": spot.duty_grid,
        "community": spot.community,
        "street": spot.street,
        "district": spot.district,
        "road": spot.road,
        "longitude": round(spot.longitude + random.uniform(-1e-4, 1e-4), 6),
        "latitude": round(spot.latitude + random.uniform(-1e-4, 1e-4), 6),
    }


def _drawn(weights: Mapping[str, float], random: Random) -> str:
    return random.choices(tuple(weights), tuple(weights.values()))[0]
