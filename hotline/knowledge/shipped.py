"""The articles that the demo begins with: a made-up city's, in the manner of real ones."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from hotline.knowledge.model import ArticleText

_FILE = Path(__file__).with_name("demo_articles.toml")


def demo_articles(today: date, known: Callable[[str], bool]) -> Iterator[ArticleText]:
    """Each shipped article; of its classes those that the city's standard has (``known``). Their
    days of review count from ``today``."""
    for one in tomllib.loads(_FILE.read_text(encoding="utf-8"))["article"]:
        yield ArticleText(
            one["title"],
            one["body"].strip(),
            today + timedelta(days=one["review_days"]),
            tuple(one["keywords"]),
            tuple(key for key in one["classes"] if known(key)),
        )
