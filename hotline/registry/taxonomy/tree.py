"""The classes of one standard, as a city has them at one time: read, searched, chosen from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property

from hotline.registry.taxonomy.model import Category
from hotline.registry.taxonomy.search import Hit, Index, Word


class Taxonomy:
    """The categories of one standard, in the standard's order.

    ``revision`` is the city's newest change that is in it, None when it is the bare standard.
    """

    def __init__(
        self, standard: str, categories: Iterable[Category], revision: int | None = None
    ) -> None:
        self.standard = standard
        self.revision = revision
        self._by_key = {category.key: category for category in categories}

    @property
    def current(self) -> Taxonomy:
        """Itself: a bare standard is used as a library of classes that never changes."""
        return self

    def __iter__(self) -> Iterator[Category]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def get(self, key: str) -> Category | None:
        """The category of a key, whether or not it was retired."""
        return self._by_key.get(key)

    def choose(self, key: str) -> Category | None:
        """The category that a case may be given; None for one that is unknown or retired."""
        category = self._by_key.get(key)
        return category if category and category.retired_from is None else None

    def on(self, day: date) -> tuple[Category, ...]:
        """What a case may be given on ``day``, in order."""
        return tuple(category for category in self if category.choosable(day))

    def hits(self, words: str, limit: int = 20) -> tuple[Hit, ...]:
        """The categories that fit best, each with the word of its own that fitted.

        By name, everyday words, pinyin (``jinggai``), initials (``jg``) or code; see
        :class:`hotline.registry.taxonomy.search.Index` for the order. Nothing typed gives the
        first ones.
        """
        return self._index.find(words, limit)

    def search(self, words: str, limit: int = 20) -> tuple[Category, ...]:
        """As :meth:`hits`, the categories alone."""
        return tuple(hit.category for hit in self.hits(words, limit))

    def words(self) -> Iterator[tuple[Category, tuple[Word, ...]]]:
        """Every class with what it is called, its name first, and how that is read."""
        return self._index.words()

    @cached_property
    def _index(self) -> Index:
        return Index(tuple(self))
