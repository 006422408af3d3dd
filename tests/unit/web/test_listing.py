"""Sorting and paging through the address; the built front end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from starlette.requests import Request

from hotline.web.assets import AssetsMissing, load_assets
from hotline.web.listing import Listing, listing_of
from tests.unit.web.house import fake_dist


def asked(query: str) -> Listing:
    scope = {"type": "http", "path": "/cases", "query_string": query.encode(), "headers": []}
    return listing_of(Request(scope), ("opened_at", "state"), "-opened_at")


@pytest.mark.parametrize(
    ("query", "key", "descending", "page"),
    [
        ("", "opened_at", True, 1),
        ("sort=state&page=3", "state", False, 3),
        ("sort=-state", "state", True, 1),
        ("sort=password_hash", "opened_at", True, 1),
        ("page=0", "opened_at", True, 1),
        ("page=-4", "opened_at", True, 1),
        ("page=99999999999999999999", "opened_at", True, 1),
        ("page=²", "opened_at", True, 1),
    ],
)
def test_an_address_is_understood_or_taken_as_not_given(
    query: str, key: str, descending: bool, page: int
) -> None:
    found = asked(query)
    assert (found.key, found.descending, found.page) == (key, descending, page)


def test_links_keep_the_filter_and_turn_the_order() -> None:
    found = asked("state=closed&sort=state&page=2")
    assert found.sort_link("state") == "/cases?state=closed&sort=-state"
    assert found.sort_link("opened_at") == "/cases?state=closed&sort=opened_at"
    assert found.link(3) == "/cases?state=closed&page=3&sort=state"


def test_pages_are_counted_from_the_rows() -> None:
    found = replace(asked("page=2"), total=101)
    assert (found.pages, found.offset) == (3, 50)
    assert replace(found, total=0).pages == 1


def test_an_unbuilt_front_end_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(AssetsMissing, match="npm ci && npm run build"):
        load_assets(tmp_path)
    with pytest.raises(AssetsMissing, match=r"has no nowhere\.js"):
        load_assets(fake_dist(tmp_path))["nowhere.js"]
