"""A period as a page asks for it: today, the last days, or from–to, in the city's time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from hotline.clock import local
from hotline.web.errors import BadInput

DAYS = {"today": 1, "7d": 7, "30d": 30}
CHOSEN = "chosen"
MOST_DAYS = 3660


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` to before ``until``, Unix seconds."""

    since: float
    until: float


def period_of(name: str, chosen: tuple[str, str], now: float, zone: tzinfo) -> Period:
    """``today``, ``7d`` or ``30d`` (days of the city, today included), or ``chosen``: from and
    to, local ISO times. Raises :class:`~hotline.web.errors.BadInput`."""
    today = local(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if name in DAYS:
        first = today - timedelta(days=DAYS[name] - 1)
        return Period(_at(first, zone), _at(today + timedelta(days=1), zone))
    if name != CHOSEN:
        raise BadInput({"period": "wrong"})
    period = Period(_moment("since", chosen[0], zone), _moment("until", chosen[1], zone))
    if not 0 < period.until - period.since <= MOST_DAYS * 86_400:
        raise BadInput({"until": "until_before_since"})
    return period


def _moment(field: str, text: str, zone: tzinfo) -> float:
    try:
        return _at(datetime.fromisoformat(text), zone)
    except (ValueError, OverflowError):
        raise BadInput({field: "wrong"}) from None


def _at(moment: datetime, zone: tzinfo) -> float:
    # A day begins at its own midnight, whatever the clocks did since.
    return moment.replace(tzinfo=zone).timestamp()
