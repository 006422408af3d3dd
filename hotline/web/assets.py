"""The built scripts and styles, by the names that the templates use."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

DIST = Path(__file__).with_name("static") / "dist"


class AssetsMissing(RuntimeError):
    """The front end has not been built."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One built file and the scripts it imports, to be fetched beside it."""

    url: str
    imports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assets:
    """The build's manifest: ``desk.js`` → ``/static/desk-3KX2.js`` and what it imports."""

    folder: Path
    by_name: dict[str, Asset] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Asset:
        try:
            return self.by_name[name]
        except KeyError:
            raise AssetsMissing(f"{self.folder} has no {name}: build the front end again") from None


def load_assets(folder: Path = DIST) -> Assets:
    """Read the manifest. Raises :class:`AssetsMissing` when nothing has been built."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AssetsMissing(
            f"{folder} has no built front end: run npm ci && npm run build in {folder.parent}"
        ) from error
    return Assets(
        folder,
        {
            name: Asset(entry["url"], tuple(entry.get("imports", ())))
            for name, entry in manifest.items()
        },
    )
