"""The emergency intake: asked by the dialplan when neither controller nor agent serves a caller.

    AGI(hotline-intake,NODE,RECORDINGS)

Names the file that the dialplan records the caller's report into (``HOTLINE_REPORT``, without
``.wav``) and writes beside it, first and whole, a JSON file that says whose report it is. The
controller takes both in when it is back. Shares no code with the controller (pyst2 speaks AGI).
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from asterisk.agi import AGI

# What Asterisk says for a number or name that was withheld.
UNKNOWN = "unknown"


def sidecar(env: Mapping[str, str], node: str, called: str, now: float) -> dict[str, object]:
    """Whose report it is; ``env`` is what AGI tells of the call, ``now`` Unix time."""
    known = {name: "" if value == UNKNOWN else value for name, value in env.items()}
    return {
        "call_id": f"{node}-{known['agi_uniqueid']}",
        "node": node,
        "uniqueid": known["agi_uniqueid"],
        "channel": known.get("agi_channel", ""),
        "called": called,
        "calling": known.get("agi_callerid", ""),
        "calling_name": known.get("agi_calleridname", ""),
        "started_at": now,
        "reason": "fallback",
    }


def write_whole(path: Path, content: Mapping[str, object]) -> None:
    """Write a JSON file that is there as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".fresh")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def main() -> None:
    """Serve one call; an error ends the script and leaves the dialplan its own file name."""
    node, recordings = sys.argv[1:3]
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    # pyst2 traces all it reads, callers' numbers too.
    agi = AGI(stderr=io.StringIO())
    called = agi.get_variable("HOTLINE_CALLED")
    content = sidecar(agi.env, node, called, time.time())
    report = Path(recordings) / "reports" / "fallback" / str(content["call_id"])
    write_whole(report.with_name(f"{report.name}.json"), content)
    agi.set_variable("HOTLINE_REPORT", str(report))


if __name__ == "__main__":
    main()
