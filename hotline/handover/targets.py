"""Where a caller can be handed over to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hotline.config import Config, HandoverTarget


class NoSuchTarget(LookupError):
    """No target has this code."""


class NoWay(RuntimeError):
    """The target is behind the trunk, and none is configured."""


@dataclass(frozen=True, slots=True)
class Targets:
    """The configured targets, in their order."""

    listed: tuple[HandoverTarget, ...]
    has_trunk: bool

    @classmethod
    def of(cls, config: Config) -> Targets:
        """Those of ``hotline.toml``."""
        return cls(tuple(config.handover.targets), bool(config.pbx.trunk))

    def __iter__(self) -> Iterator[HandoverTarget]:
        return iter(self.listed)

    def names(self) -> Mapping[str, Sequence[str]]:
        """What they are called, by language."""
        return {"zh": [one.zh for one in self.listed], "en": [one.en for one in self.listed]}

    def find(self, code: str) -> HandoverTarget:
        """The target of a code. Raises :class:`NoSuchTarget`, :class:`NoWay`."""
        target = next((one for one in self.listed if one.code == code), None)
        if target is None:
            raise NoSuchTarget(code)
        if target.where == "trunk" and not self.has_trunk:
            raise NoWay(code)
        return target


def dialled(target: HandoverTarget) -> str:
    """What ``Dial()`` is given to reach a target: both phones of an extension at once."""
    return "&".join(_interfaces(target))


def originated(target: HandoverTarget) -> str:
    """The same for AMI's Originate, which takes a single channel."""
    if target.where == "trunk":
        return dialled(target)
    return at_extension(target.number)


def at_extension(number: str) -> str:
    """The single channel by which both phones of an extension are rung."""
    return f"Local/{number}@callback-staff/n"


def _interfaces(target: HandoverTarget) -> Iterable[str]:
    if target.where == "trunk":
        return (f"PJSIP/{target.number}@trunk",)
    return (f"PJSIP/{target.number}", f"PJSIP/{target.number}-web")
