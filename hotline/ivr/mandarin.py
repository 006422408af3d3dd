"""How a Mandarin speaker reads values, as names of prompt pieces. Pure.

Announcers' rules. 两 stands before 百, 千, 万, 亿 and, where the whole number is two, before a
measure word (两点, 两分钟, 两元); 二 stands before 十, at the end of a number, in ordinals and in
decimals. A gap inside a number is one 零 (一万零一十), zeros at the end of a group are silent. Ten
to nineteen begin a number as 十, and are 一十 inside one. Digits that name something (phones,
cases) are read singly with 幺 for one; years and decimals are read singly with 一.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time
from decimal import Decimal

from hotline.ivr.grouping import case_groups, phone_groups

_UNITS = "零一二三四五六七八九"
_MAN = 10_000
_YI = 100_000_000
_DAY_TIMES = ((0, ""), (1, "before-dawn"), (6, "early"), (9, "morning"), (12, "midday"),
              (13, "afternoon"), (18, "evening"), (24, ""))  # fmt: skip


def _below_hundred(number: int) -> str:
    tens, ones = divmod(number, 10)
    if not tens:
        return _UNITS[ones]
    return ("" if tens == 1 else _UNITS[tens]) + "十" + (_UNITS[ones] if ones else "")


TEXTS: Mapping[str, str] = {
    **{f"n-{number}": _below_hundred(number) for number in range(100)},
    "n-yao": "幺",
    "n-liang": "两",
    "n-bai": "百",
    "n-qian": "千",
    "n-wan": "万",
    "n-yi": "亿",
    "minus": "负",
    "point": "点",
    "ordinal": "第",
    "star": "星号",
    "hash": "井号",
    "plus": "加",
    "yuan": "元",
    "jiao": "角",
    "fen": "分",
    "year": "年",
    "month": "月",
    "day": "日",
    "before-dawn": "凌晨",
    "early": "早上",
    "morning": "上午",
    "midday": "中午",
    "afternoon": "下午",
    "evening": "晚上",
    "oclock": "点",
    "half": "半",
    "minute": "分",
    "days": "天",
    "hours": "小时",
    "hours-and-a-half": "个半小时",
    "minutes": "分钟",
    "seconds": "秒",
    "about": "大约",
    "less-than-a-minute": "不到一分钟",
    "pause": "，",
}


def number(value: Decimal) -> list[str]:
    """A number; its decimals are read as they are given, so 2.50 ends in 零."""
    whole, _, decimals = f"{abs(value):f}".partition(".")
    said = ["minus"] if value < 0 else []
    said += _whole(int(whole))
    return [*said, "point", *_digits(decimals)] if decimals else said


def ordinal(value: int) -> list[str]:
    """第一, 第二, 第二百."""
    return ["ordinal", *("n-2" if name == "n-liang" else name for name in _whole(value))]


def digits(value: str) -> list[str]:
    """A string of keys, each said by itself."""
    signs = {"1": "n-yao", "*": "star", "#": "hash", "+": "plus"}
    return [signs.get(sign) or f"n-{sign}" for sign in value]


def phone(value: str) -> list[str]:
    """A telephone number in the groups people say it in."""
    return _grouped(phone_groups(value))


def case_number(value: str) -> list[str]:
    """A case's number in groups of four, the last up to five."""
    return _grouped(case_groups(value))


def money(value: Decimal) -> list[str]:
    """元, 角 and 分."""
    fen = int(abs(value) * 100)
    yuan, jiao, rest = fen // 100, fen // 10 % 10, fen % 10
    said = ["minus"] if value < 0 else []
    if yuan or not fen:
        said += [*_measured(yuan), "yuan"]
    if jiao:
        said += [*_measured(jiao), "jiao"]
    elif yuan and rest:
        said.append("n-0")
    return [*said, *_measured(rest), "fen"] if rest else said


def day(value: date) -> list[str]:
    """二零二六年十月一日."""
    year = _digits(f"{value.year}")
    return [*year, "year", f"n-{value.month}", "month", f"n-{value.day}", "day"]


def clock(value: time) -> list[str]:
    """上午九点, 下午两点零五分, 中午十二点半."""
    return _clock(value.hour, value.minute)


def end_of_day() -> list[str]:
    """24:00."""
    return _clock(24, 0)


def moment(value: date, at: time) -> list[str]:
    """A day and a time of it."""
    return [*day(value), *clock(at)]


def duration(seconds: int) -> list[str]:
    """Days, hours, minutes and seconds; 零 stands where a unit between is missing."""
    amounts = (seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60)
    units = ("days", "hours", "minute" if amounts[3] else "minutes", "seconds")
    said: list[str] = []
    skipped = False
    for amount, unit in zip(amounts, units, strict=True):
        if amount:
            said += [*(["n-0"] if skipped and said else []), *_measured(amount), unit]
        skipped = not amount
    return said or ["n-0", "seconds"]


def wait(minutes: int, half_hours: int) -> list[str]:
    """About how long; see :func:`hotline.ivr.grouping.rounded_wait`."""
    if not minutes and not half_hours:
        return ["less-than-a-minute"]
    if minutes:
        return ["about", *_measured(minutes), "minutes"]
    hours, half = divmod(half_hours, 2)
    return ["about", *_measured(hours), "hours-and-a-half" if half else "hours"]


def _clock(hour: int, minute: int) -> list[str]:
    time_of_day = [name for begins, name in _DAY_TIMES if begins <= hour][-1]
    said = [time_of_day] if time_of_day else []
    said += [*_measured(hour - 12 if 12 < hour < 24 else hour), "oclock"]
    if minute == 30:
        return [*said, "half"]
    if not minute:
        return said
    return [*said, *(["n-0"] if minute < 10 else []), f"n-{minute}", "minute"]


def _grouped(groups: Iterable[str]) -> list[str]:
    said: list[str] = []
    for group in groups:
        said += [*(["pause"] if said else []), *digits(group)]
    return said


def _digits(value: str) -> list[str]:
    return [f"n-{digit}" for digit in value]


def _measured(value: int) -> list[str]:
    """A number before a measure word."""
    return ["n-liang"] if value == 2 else _whole(value)


def _whole(value: int) -> list[str]:
    if value < 100:
        return [f"n-{value}"]
    return _groups(value, inside=False)


def _groups(value: int, *, inside: bool) -> list[str]:
    """A number by its groups of 亿 and 万; ``inside``: something is said before it."""
    for size, unit in ((_YI, "n-yi"), (_MAN, "n-wan")):
        high, low = divmod(value, size)
        if high:
            said = ["n-liang"] if high == 2 else _groups(high, inside=inside)
            said.append(unit)
            if low:
                said += [*(["n-0"] if low < size // 10 else []), *_groups(low, inside=True)]
            return said
    return _section(value, inside=inside)


def _section(value: int, *, inside: bool) -> list[str]:
    """1 to 9999."""
    for size, unit in ((1000, "n-qian"), (100, "n-bai")):
        high, low = divmod(value, size)
        if high:
            said = ["n-liang" if high == 2 else f"n-{high}", unit]
            if low:
                said += [*(["n-0"] if low < size // 10 else []), *_section(low, inside=True)]
            return said
    if inside and 10 <= value < 20:
        return ["n-1", "n-10", *([f"n-{value - 10}"] if value > 10 else [])]
    return [f"n-{value}"]
