"""The pages' scripts."""

from __future__ import annotations

from hotline.web import front_end


def test_the_types_of_the_pages_scripts_hold() -> None:
    front_end.check()
