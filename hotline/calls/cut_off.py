"""Callers whom the PBX cut off: it ended, and took its calls with it.

A channel cannot outlive its PBX. So a call that we believe in, that arrived before the present PBX
started and that is not there has not been hung up by anybody.
"""

from __future__ import annotations

from hotline import events
from hotline.calls.model import Call, Outcome, Stage
from hotline.telephony.snapshot import PbxSnapshot

# Who was rated or had spoken a report has been served.
_UNSERVED = frozenset(
    {Stage.ARRIVING, Stage.WAITING, Stage.OFFERED, Stage.TALKING, Stage.HANDED_OVER}
)


def note(call: Call, snapshot: PbxSnapshot, out: Outcome) -> None:
    """Journal that this call, which is not in ``snapshot``, was cut off, if it was."""
    booted_at = snapshot.booted_at
    if booted_at is None or call.arrived_at >= booted_at or call.stage not in _UNSERVED:
        return
    if call.calling:
        agent_id = call.agent_id if call.stage is Stage.TALKING else ""
        out.events.append(events.CallCutOff(call.call_id, agent_id, str(call.stage)))
