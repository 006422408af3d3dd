"""Load the speech model whose folder is the argument; a program of its own, since a broken
model can end the process that loads it."""

from __future__ import annotations

import sys

import vosk


def main() -> int:
    """0 when the model can be used."""
    vosk.SetLogLevel(-1)
    model = vosk.Model(sys.argv[1])
    vosk.KaldiRecognizer(model, 8000.0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
