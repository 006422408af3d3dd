"""Fills in where a case is: the grid and what is above it, from the point or a certain address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from hotline.registry.companions import Companion
from hotline.registry.places.finding import Candidate
from hotline.registry.places.model import Whereabouts
from hotline.registry.places.service import PlaceDesk
from hotline.storage.journal import Transaction
from hotline.storage.tables import CaseRow

_POINT = frozenset({"longitude", "latitude"})


class PlaceKeeper(Companion):
    """A case's place follows from its point; without one, from an address that is certain.

    An address that is not certain fills in nothing, and takes away what an earlier one filled in.
    """

    def __init__(self, places: PlaceDesk) -> None:
        self._places = places

    async def derived(
        self, tx: Transaction, values: Mapping[str, Any], changed: frozenset[str]
    ) -> Mapping[str, Any]:
        """As :meth:`Companion.derived`."""
        if self._places.atlas.empty:
            return {}
        if changed & _POINT:
            longitude, latitude = values.get("longitude"), values.get("latitude")
            if longitude is not None and latitude is not None:
                return asdict(self._places.whereabouts(longitude, latitude))
            if "address" not in changed:
                return asdict(Whereabouts())
        if "address" not in changed:
            return {}
        place = self._places.find(str(values["address"])).place
        if place is not None:
            return _filled_in(place)
        return await self._taken_back(tx, values)

    async def _taken_back(self, tx: Transaction, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the address before had filled in, emptied; a point that somebody set stays."""
        number = values.get("case_number")
        row = await tx.session.get(CaseRow, number) if number else None
        earlier = self._places.find(row.address).place if row is not None else None
        if row is None or earlier is None:
            return {}
        if (row.longitude, row.latitude) != (earlier.longitude, earlier.latitude):
            return {}
        empty = dict.fromkeys(_filled_in(earlier), "")
        return empty | {"longitude": None, "latitude": None}


def _filled_in(place: Candidate) -> dict[str, Any]:
    """The columns that a certain place sets."""
    return {
        **asdict(place.whereabouts),
        "longitude": place.longitude,
        "latitude": place.latitude,
        "road": place.road,
        "landmark": place.landmark,
    }
