"""What decides a model."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.speech.demo_model.corpus import Sentence, demo_sentences, sentences


@dataclass(frozen=True, slots=True)
class Recipe:
    """The same recipe gives the same bytes on the same machine."""

    seed: int = 1
    text_sentences: int = 6000
    spoken_sentences: int = 4500
    babble: int = 1500
    width: int = 128
    epochs: int = 5

    def texts(self) -> list[Sentence]:
        """What the language model is made of: the grammar's sentences, then the demo's."""
        return [*sentences(self.text_sentences, self.seed), *demo_sentences()]

    def spoken(self) -> list[Sentence]:
        """What is spoken to learn sounds from, beside the babble."""
        return [*demo_sentences(), *sentences(self.spoken_sentences, self.seed)]
