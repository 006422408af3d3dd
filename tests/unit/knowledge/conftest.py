"""The knowledge base on a real database, and cases that are answered from it."""

from __future__ import annotations

import pytest

from hotline.knowledge.answering import DirectAnswers
from hotline.knowledge.service import KnowledgeBase
from hotline.registry.service import CaseRegistry
from hotline.registry.taxonomy.service import TaxonomyLibrary
from hotline.storage.journal import Journal
from tests.databases import CITY, HandClock, clock, database, database_url, journal
from tests.unit.registry.cases import Noted

__all__ = ["clock", "database", "database_url", "journal"]


@pytest.fixture
def noted() -> Noted:
    """What the registry was told after cases ended."""
    return Noted()


@pytest.fixture
async def base(journal: Journal, clock: HandClock) -> KnowledgeBase:
    """An empty knowledge base."""
    made = KnowledgeBase(journal, clock, CITY, lambda: classes.current)
    classes = TaxonomyLibrary(journal, clock, CITY)
    await classes.load()
    await made.open()
    return made


@pytest.fixture
async def registry(journal: Journal, clock: HandClock, noted: Noted) -> CaseRegistry:
    """A registry with the shipped life of cases."""
    classes = TaxonomyLibrary(journal, clock, CITY)
    await classes.load()
    return CaseRegistry(journal, CITY, classes, noted)


@pytest.fixture
def answers(journal: Journal, registry: CaseRegistry, base: KnowledgeBase) -> DirectAnswers:
    """Answering from the knowledge base."""
    return DirectAnswers(journal, registry, base)
