"""What a flow is checked against: the other flows, prompts, queues, targets and systems."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hotline.ivr.marked import Lines
from hotline.ivr.model import Flow


@dataclass(frozen=True, slots=True)
class Ground:
    """What there is. None for any of them: not known here, so nothing is said about it.

    ``prompts`` are names by language; ``entry`` says that calls begin with the flow; ``now`` is
    the city's local time, without a zone.
    """

    lines: Lines = field(default_factory=Lines)
    flows: Mapping[str, Flow] = field(default_factory=dict)
    prompts: Mapping[str, Collection[str]] | None = None
    queues: Collection[str] | None = None
    targets: Collection[str] | None = None
    webhook_hosts: Collection[str] | None = None
    entry: bool = True
    now: datetime | None = None
