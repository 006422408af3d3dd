"""What the doctor finds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["good", "note", "bad", "unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. ``check`` is the check's name for programs, ``text`` one line for people.

    ``state``: good; note (works, but should be known); bad (``text`` says what to do);
    unknown (it could not be looked at, because of another fault).
    """

    check: str
    state: State
    text: str

    def data(self) -> dict[str, str]:
        """As JSON values."""
        return asdict(self)


def all_well(findings: list[Finding]) -> bool:
    """Whether nothing is bad or unknown."""
    return all(finding.state in ("good", "note") for finding in findings)
