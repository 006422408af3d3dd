"""Attachments as the rest of the program sees them."""

from __future__ import annotations

from dataclasses import dataclass, fields

from hotline.storage.tables_attachments import AttachmentRow

STAGES = ("report", "before", "after", "check", "other")
"""What an attachment shows: what the citizen reported, the place before work and after it, what
a checker found, or something else."""


class NoSuchAttachment(LookupError):
    """No attachment of the case has this id."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a case. ``size`` is the original's, in bytes; ``width`` and ``height`` are pixels
    of a photo as it is shown.

    ``taken_at`` (as the camera wrote it: no time zone), ``longitude`` and ``latitude`` are what
    a photo says of itself: a hint for staff, no proof.
    """

    attachment_id: int
    case_number: str
    stage: str
    # photo, document or sound
    kind: str
    mime: str
    name: str
    sha256: str
    size: int
    width: int | None
    height: int | None
    taken_at: str
    longitude: float | None
    latitude: float | None
    added_by: str
    added_at: float
    erased_at: float | None

    @classmethod
    def of(cls, row: AttachmentRow) -> Attachment:
        """The attachment that the row keeps."""
        return cls(**{column.name: getattr(row, column.name) for column in fields(cls)})
