"""espeak-ng's variants of the Mandarin voice: those to learn from, and those to be tried on."""

from __future__ import annotations

TRAINING_VARIANTS = (
    "", "m1", "m2", "m3", "m4", "m5", "m7", "m8", "f1", "f2", "f3", "f4", "klatt", "klatt2",
    "klatt4", "Andy", "Annie", "Alex", "max", "Michael", "steph", "adam", "Alicia", "john",
    "Mike", "paul", "linda", "pedro", "ed",
)  # fmt: skip
# Never trained on: accuracy on these voices shows that the model did not learn voices by heart.
HELD_OUT_VARIANTS = ("f5", "m6", "Jacky", "robert")
