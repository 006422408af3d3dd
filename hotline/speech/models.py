"""Where a Vosk model is, and whether a folder is one: checked before the engine touches it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DEMO = "demo"
DEMO_NAME = "demo (synthetic voices only)"

# Kaldi's own default when conf/mfcc.conf names none.
_DEFAULT_RATE = 16_000
_RATE = re.compile(r"^\s*--sample-frequency\s*=\s*(\d+)", re.MULTILINE)


class ModelFault(ValueError):
    """A folder is not a Vosk model that can be used; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model's folder. ``name`` is what screens show; audio is given to it at ``rate`` Hz."""

    name: str
    path: Path
    rate: int


def demo_path() -> Path:
    """The folder of the demo's own model."""
    return Path(__file__).with_name("models") / DEMO


def locate(setting: str) -> Model:
    """The model that ``speech.model`` names: a folder, or ``demo``.

    Checks the folder's layout, not its contents. Raises :class:`ModelFault`.
    """
    path = demo_path() if setting == DEMO else Path(setting)
    if not path.is_dir():
        raise ModelFault(f"speech.model: {path} is not a folder")
    missing = list(_missing(path))
    if missing:
        raise ModelFault(
            f"speech.model: {path} is not a Vosk model: {', '.join(missing)} is not there. "
            "Unpack the archive and name the folder that holds am, conf and graph"
        )
    return Model(DEMO_NAME if path == demo_path() else path.resolve().name, path, _rate(path))


def _missing(path: Path) -> list[str]:
    needed = ["am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/words.txt"]
    if not (path / "graph/HCLG.fst").is_file():
        needed += ["graph/HCLr.fst", "graph/Gr.fst"]
    return [name for name in needed if not (path / name).is_file()]


def _rate(path: Path) -> int:
    try:
        found = _RATE.search((path / "conf/mfcc.conf").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ModelFault(f"speech.model: {path}/conf/mfcc.conf: {error}") from error
    return int(found[1]) if found else _DEFAULT_RATE
