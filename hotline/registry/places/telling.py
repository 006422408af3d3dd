"""Where something is, in plain lines for the terminal."""

from __future__ import annotations

from hotline.registry.places.atlas import Atlas
from hotline.registry.places.finding import Finding
from hotline.registry.places.model import Kind, Whereabouts

_LEVELS = (
    ("district", Kind.DISTRICT),
    ("street", Kind.STREET),
    ("community", Kind.COMMUNITY),
    ("duty_grid", Kind.DUTY_GRID),
    ("grid", Kind.UNIT_GRID),
)


def told_point(lies: Whereabouts, atlas: Atlas) -> list[str]:
    """What a point lies in, the largest first."""
    if lies.outside:
        return ["outside of the city"]
    lines = []
    for field, kind in _LEVELS:
        place_id = getattr(lies, field)
        name = atlas.name(kind, place_id) if place_id else "unknown"
        lines.append(f"{field:<10} {place_id or '-':<16} {name}")
    return lines


def told_finding(found: Finding) -> list[str]:
    """What an address may mean, the likeliest first."""
    if not found.candidates:
        return ["nothing is known by this address"]
    lines = ["certain" if found.certain else "not certain"]
    for one in found.candidates:
        words = ", ".join(f"{word.word} ({word.how})" for word in one.evidence)
        doubts = f"; but: {', '.join(one.doubts)}" if one.doubts else ""
        at = f"{one.longitude:.6f},{one.latitude:.6f}"
        grid = one.whereabouts.grid or "-"
        lines.append(f"{one.score:>3}  {one.name}  {at}  {grid}  by {words}{doubts}")
    return lines
