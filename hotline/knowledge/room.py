"""The knowledge base's parts, built together."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.clock import Clock
from hotline.config import Config
from hotline.knowledge.answering import DirectAnswers
from hotline.knowledge.service import KnowledgeBase
from hotline.registry.room import CaseRoom
from hotline.storage.journal import Journal


@dataclass(frozen=True, slots=True)
class KnowledgeRoom:
    """The articles, and answering from them."""

    base: KnowledgeBase
    answers: DirectAnswers

    @classmethod
    def of(cls, config: Config, journal: Journal, clock: Clock, cases: CaseRoom) -> KnowledgeRoom:
        """The room as it is configured. Nothing is read yet: see :meth:`KnowledgeBase.open`."""
        base = KnowledgeBase(
            journal,
            clock,
            config.zone,
            lambda: cases.taxonomy.current,
            demo=config.hotline.demo,
        )
        required = {str(kind): of for kind, of in config.form.required.items()}
        return cls(base, DirectAnswers(journal, cases.registry, base, required))
