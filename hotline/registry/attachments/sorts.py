"""What a file is, told by its contents alone: neither its name nor what the sender says counts."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

from hotline.registry.attachments.faults import Refused

HEAD_BYTES = 512
_MOST_MEMBERS = 5_000
_MOST_UNPACKED = 200 * 1024 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument"
_HEIC = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif"})
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"dex\n")
_VIDEOS = (b"\x1a\x45\xdf\xa3", b"\x00\x00\x01\xba", b"FLV")


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of file that is kept: its kind (photo, document or sound), media type and ending."""

    kind: str
    mime: str
    suffix: str


JPEG = Sort("photo", "image/jpeg", ".jpg")
PNG = Sort("photo", "image/png", ".png")
WEBP = Sort("photo", "image/webp", ".webp")
PDF = Sort("document", "application/pdf", ".pdf")
DOCX = Sort("document", f"{_OFFICE}.wordprocessingml.document", ".docx")
XLSX = Sort("document", f"{_OFFICE}.spreadsheetml.sheet", ".xlsx")
WAV = Sort("sound", "audio/wav", ".wav")
MP3 = Sort("sound", "audio/mpeg", ".mp3")
M4A = Sort("sound", "audio/mp4", ".m4a")
OGG = Sort("sound", "audio/ogg", ".ogg")
AMR = Sort("sound", "audio/amr", ".amr")
SORTS = {one.mime: one for one in (JPEG, PNG, WEBP, PDF, DOCX, XLSX, WAV, MP3, M4A, OGG, AMR)}

_BEGINNINGS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"%PDF-", PDF),
    (b"ID3", MP3),
    (b"\xff\xfb", MP3),
    (b"\xff\xf3", MP3),
    (b"OggS", OGG),
    (b"#!AMR", AMR),
)


def sort_of(file: Path) -> Sort:
    """What ``file`` is. Raises :class:`Refused` for whatever is not kept, :class:`OSError`."""
    with file.open("rb") as opened:
        head = opened.read(HEAD_BYTES)
    if head.startswith(b"PK\x03\x04"):
        return _office(file)
    return told_by(head)


def told_by(head: bytes) -> Sort:
    """What a file that begins with ``head`` is. Raises :class:`Refused`."""
    if not head:
        raise Refused("empty")
    for beginning, sort in _BEGINNINGS:
        if head.startswith(beginning):
            return sort
    if head.startswith(b"RIFF"):
        found = {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])
        if found is not None:
            return found
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    raise Refused(_refusal(head))


def _of_brand(brand: bytes) -> Sort:
    if brand == b"M4A ":
        return M4A
    raise Refused("heic" if brand in _HEIC else "video")


def _refusal(head: bytes) -> str:
    if head.startswith(_PROGRAMS):
        return "program"
    if head.startswith(_VIDEOS) or head[8:12] == b"AVI ":
        return "video"
    # A mark of byte order may stand before the first sign of a page.
    text = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")
    return "markup" if text.startswith(b"<") else "unknown"


def _office(file: Path) -> Sort:
    """Word's or Excel's own, without macros and without a bomb in the package."""
    try:
        with zipfile.ZipFile(file) as package:
            members = package.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Refused("broken") from error
    if len(members) > _MOST_MEMBERS or sum(one.file_size for one in members) > _MOST_UNPACKED:
        raise Refused("unknown")
    names = {one.filename for one in members}
    if any(name.endswith("vbaProject.bin") for name in names):
        raise Refused("program")
    if "word/document.xml" in names:
        return DOCX
    if "xl/workbook.xml" in names:
        return XLSX
    raise Refused("unknown")
