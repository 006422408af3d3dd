"""How well waits were foretold, and what became of kept places: each figure with what it counts."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from hotline.waiting.told import hours_of, places_of, score_of
from hotline.web.access import SupervisorOnly
from hotline.web.page import PageOf
from hotline.web.web import WebOf

router = APIRouter()

DAY_S = 86_400.0
# In the order of the table's columns: the key of the period's name, and how long it is.
PERIODS = (("waits.day", DAY_S), ("waits.week", 7 * DAY_S), ("waits.month", 30 * DAY_S))
HOURS_S = 7 * DAY_S
OUTCOMES = ("talked", "unreached", "rang_again", "matter_closed", "expired")


@router.get("/board/waits")
async def waits_page(web: WebOf, page: PageOf, viewer: SupervisorOnly) -> HTMLResponse:
    """The score of the last day, week and month, and the week by hours of the day."""
    now, database = web.parts.clock.now(), web.parts.database
    periods = [
        {
            "name": name,
            "score": await score_of(database, now - length, now),
            "places": await places_of(database, now - length, now),
        }
        for name, length in PERIODS
    ]
    hours = await hours_of(database, now - HOURS_S, now, web.parts.config.zone)
    return page.render(
        "board/waits.html",
        periods=periods,
        outcomes=OUTCOMES,
        hours=[asdict(hour) for hour in hours],
    )
