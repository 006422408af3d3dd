"""Whether a flow may stand beside the others: the check, as a publication needs it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from hotline.ivr.check import Checked, check_on, check_text
from hotline.ivr.findings import Finding, found
from hotline.ivr.ground import Ground
from hotline.ivr.model import Flow, FlowSet, PublishedFlow

# A flow that is not yet published has no version of its own.
_UNPUBLISHED = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """The flows in force with their ``texts``, those in which calls ``begin``, and the rest of
    what flows are checked against. Nothing here is quick."""

    ground: Ground
    flows: FlowSet
    texts: Mapping[str, str]
    begin: Collection[str]

    def check(self, name: str, text: str) -> Checked:
        """``text`` as the flow ``name`` beside the others."""
        begins = name in self.begin
        ground = replace(self.ground, flows=self._others(name), entry=begins)
        checked = check_text(text, ground)
        if not begins and checked.flow and checked.flow.person and not self._callers_of(name):
            # It can take calls, and nothing else is to be done with it.
            checked = check_text(text, replace(ground, entry=True))
        if checked.flow and checked.flow.flow != name:
            other = found("other-name", 1, given=checked.flow.flow, wanted=name)
            return replace(checked, findings=(other, *checked.findings))
        return checked

    def breaks(self, name: str, flow: Flow) -> dict[str, tuple[Finding, ...]]:
        """The errors of flows that call ``name``, which they would have with it as ``flow``."""
        changed = {**self.flows, name: PublishedFlow(name, _UNPUBLISHED, flow)}
        after = replace(self, flows=changed)
        broken = {}
        for other in self._callers_of(name):
            text = self.texts[other]
            before = set(self.check(other, text).findings)
            errors = (f for f in after.check(other, text).findings if f.severity == "error")
            new = tuple(finding for finding in errors if finding not in before)
            if new:
                broken[other] = new
        return broken

    def against_taking_calls(self, name: str) -> list[Finding]:
        """The errors that a flow in force has when calls begin in it."""
        ground = replace(self.ground, flows=self._others(name), entry=True)
        findings = check_on(self.flows[name].flow, ground)
        return [finding for finding in findings if finding.severity == "error"]

    def _others(self, name: str) -> dict[str, Flow]:
        return {one: published.flow for one, published in self.flows.items() if one != name}

    def _callers_of(self, name: str) -> list[str]:
        return [
            other
            for other, published in self.flows.items()
            if other != name and _calls(published.flow, name)
        ]


def _calls(flow: Flow, name: str) -> bool:
    return any(node.kind == "flow" and node.flow == name for node in flow.nodes.values())
