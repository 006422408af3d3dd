"""Sorting and paging of a list through the address, so that it can be sent on and bookmarked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import ceil
from urllib.parse import urlencode

from starlette.requests import Request

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Listing:
    """What the address asks for: a column to sort by and a page, with the links to others.

    ``total`` is how many rows there are in all; with ``more`` there are at least so many, and
    nobody counts them.
    """

    path: str
    query: tuple[tuple[str, str], ...]
    key: str
    descending: bool
    page: int
    total: int = 0
    page_size: int = PAGE_SIZE
    more: bool = False

    @property
    def pages(self) -> int:
        """How many pages there are as far as is known; one when there are no rows."""
        if self.more:
            return self.page + 1
        return max(1, ceil(self.total / self.page_size))

    @property
    def offset(self) -> int:
        """How many rows stand before this page."""
        return (self.page - 1) * self.page_size

    @property
    def sort(self) -> str:
        """The order as the address names it: a key, with ``-`` before it for descending."""
        return f"{'-' if self.descending else ''}{self.key}"

    def sort_link(self, key: str) -> str:
        """The first page sorted by ``key``; the other way round when it is already."""
        turned = key == self.key and not self.descending
        return self._link(sort=f"-{key}" if turned else key)

    def link(self, page: int) -> str:
        """Another page in the same order."""
        return self._link(page=str(page), sort=self.sort)

    def narrowed(self, **filters: str) -> str:
        """The first page in the same order with these filters changed, empty for without."""
        kept = [pair for pair in self.query if pair[0] not in {"sort", "page", *filters}]
        given = [(name, value) for name, value in filters.items() if value]
        return f"{self.path}?{urlencode([*kept, *given, ('sort', self.sort)])}"

    def _link(self, **values: str) -> str:
        kept = [(name, value) for name, value in self.query if name not in {"sort", "page"}]
        return f"{self.path}?{urlencode([*kept, *values.items()])}"


def listing_of(request: Request, sortable: Collection[str], default: str) -> Listing:
    """What ``request`` asks for. ``default`` is a key, with ``-`` before it for descending;
    a key that cannot be sorted by and a page that is no number count as not given."""
    query = request.query_params
    wanted = query.get("sort", default)
    if wanted.removeprefix("-") not in sortable:
        wanted = default
    page = query.get("page", "1")
    return Listing(
        path=request.url.path,
        query=tuple(query.multi_items()),
        key=wanted.removeprefix("-"),
        descending=wanted.startswith("-"),
        page=max(1, int(page)) if page.isdecimal() and len(page) < 7 else 1,
    )
