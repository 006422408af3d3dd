"""Which of AMI's key events are presses of a key, each told once.

RFC 4733 and in-band tones give ``DTMFBegin`` and ``DTMFEnd``, SIP INFO only ``DTMFEnd``. An end
that Asterisk puts off (it lengthens short keys and keeps keys apart) is told a second time, and a
telephone set to "RFC 4733 and INFO" tells every key in both ways. So an end counts once for its
beginning, and without one only on a line that does not tell beginnings.
"""

from __future__ import annotations

from collections import deque

from hotline.telephony.ami_connection import AmiEvent

# The names of the events that are read; the PBX sends no others.
READS = frozenset({"DTMFBegin", "DTMFEnd", "Hangup"})
# A line that told no beginning for so long may have changed to SIP INFO. Long, since on a busy
# machine Asterisk reads the INFO requests of seconds before the sound of the same time.
TELLS_BEGINNINGS_S = 10.0
# The other way's word for the same press comes within this time: seconds later, as above.
SAME_PRESS_S = 5.0


class Keypad:
    """One line's keys; times in seconds of one clock."""

    __slots__ = ("_begun", "_begun_at", "_ended_alone")

    def __init__(self) -> None:
        self._begun = ""
        self._begun_at: float | None = None
        # The presses that only their end has told, and when; the oldest first.
        self._ended_alone: deque[tuple[str, float]] = deque()

    def begins(self, key: str, at: float) -> None:
        """A key went down."""
        self._forget(at)
        told = bool(self._ended_alone) and self._ended_alone[0][0] == key
        if told:
            self._ended_alone.popleft()
        else:
            self._ended_alone.clear()
        self._begun = "" if told else key
        self._begun_at = at

    def ends(self, key: str, at: float) -> bool:
        """A key came up; whether this is the one word that counts for its press."""
        if self._begun == key:
            self._begun = ""
            return True
        if self._begun_at is not None and at - self._begun_at <= TELLS_BEGINNINGS_S:
            return False
        self._forget(at)
        self._ended_alone.append((key, at))
        return True

    def _forget(self, at: float) -> None:
        while self._ended_alone and at - self._ended_alone[0][1] > SAME_PRESS_S:
            self._ended_alone.popleft()


class Keypads:
    """Every living line's keys, by its channel's unique id."""

    def __init__(self) -> None:
        self._lines: dict[str, Keypad] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def is_news(self, event: AmiEvent) -> bool:
        """Whether ``event`` says something new: False for what belongs to a press that another
        event tells. To be asked about every event, in their order."""
        line = event.get("Uniqueid")
        if event.name == "Hangup":
            self._lines.pop(line, None)
        if event.name not in {"DTMFBegin", "DTMFEnd"} or event.get("Direction") != "Received":
            return True
        keypad = self._lines.setdefault(line, Keypad())
        key, at = event.get("Digit"), _seconds(event.get("Timestamp"))
        if event.name == "DTMFEnd":
            return keypad.ends(key, at)
        keypad.begins(key, at)
        return False


def _seconds(timestamp: str) -> float:
    """Asterisk's ``Timestamp`` (Unix seconds); 0.0 where it tells none: all is one instant."""
    try:
        return float(timestamp)
    except ValueError:
        return 0.0
