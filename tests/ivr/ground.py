"""What flows are checked against in tests: what is shipped, one queue and two targets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hotline.ivr.check import check_text
from hotline.ivr.findings import Finding
from hotline.ivr.ground import Ground
from hotline.ivr.library import shipped_flows
from hotline.ivr.model import Flow
from hotline.ivr.prompts import Wording, catalogue
from hotline.ivr.reading import read_flow

OTHERS = (
    # Calls the flow under test, which must not call it in turn.
    """\
flow: calls-bad
title: {zh: 回调}
start: again
nodes:
  again: {kind: flow, flow: bad, next: back}
  back: {kind: return}
""",
    """\
flow: no-return
title: {zh: 不返回}
start: bye
nodes:
  bye: {kind: goodbye}
""",
    """\
flow: only-chinese
title: {zh: 只有中文}
start: back
nodes:
  back: {kind: return}
""",
)
# A flow that nobody but others calls says so in its first line that is no finding.
SUB_FLOW = "# sub-flow"


def shipped() -> dict[str, Flow]:
    """The shipped flows by name."""
    return {name: read_flow(text, name) for name, text in shipped_flows().items()}


def ground(*, entry: bool = True) -> Ground:
    """Queue ``hotline``, targets 119 and 12345, the host city.example, and a day in October."""
    others = {flow.flow: flow for flow in map(read_flow, OTHERS)}
    prompts: dict[str, set[str]] = {"zh": {"only-chinese"}}
    for prompt in catalogue(Wording()):
        prompts.setdefault(prompt.language, set()).add(prompt.name)
    return Ground(
        flows={**shipped(), **others},
        prompts=prompts,
        queues=("hotline",),
        targets=("119", "12345"),
        webhook_hosts=("city.example",),
        entry=entry,
        now=datetime.fromisoformat("2026-10-01T09:00"),
    )


def findings_of(text: str) -> Sequence[Finding]:
    """What the check says of a flow's text."""
    return check_text(text, ground(entry=SUB_FLOW not in text)).findings
