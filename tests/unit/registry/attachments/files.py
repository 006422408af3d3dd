"""Files to attach: honest ones, broken ones and hostile ones."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

PROGRAM = b"MZ\x90\x00" + b"\x00" * 600
HTML = b"\xef\xbb\xbf \n<!DOCTYPE html><script>alert(1)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HEIC = b"\x00\x00\x00\x18ftypheic" + b"\x00" * 600
MP4 = b"\x00\x00\x00\x18ftypisom" + b"\x00" * 600
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def photo(width: int = 640, height: int = 480, kind: str = "JPEG") -> bytes:
    """A picture without EXIF."""
    into = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(into, kind)
    return into.getvalue()


def photo_from_a_phone(*, large: bool = False) -> bytes:
    """A picture on its side, with time and place in its EXIF; ``large``: some megabytes."""
    image = Image.new("RGB", (640, 480), "orange")
    if large:
        image = Image.effect_noise((3000, 2000), 90).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0x9003] = "2026:11:20 07:30:00"
    exif.get_ifd(0x8825).update(
        {
            1: "N",
            2: (IFDRational(30), IFDRational(15), IFDRational(36)),
            3: "E",
            4: (IFDRational(120), IFDRational(9), IFDRational(0)),
        }
    )
    into = io.BytesIO()
    image.save(into, "JPEG", quality=90, exif=exif, comment=b"<script>alert(1)</script>")
    return into.getvalue()


def bomb(side: int = 30_000) -> bytes:
    """A small PNG that says it has ``side`` times ``side`` pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\x00" * 1_000_000)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", rows), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def package(*names: str) -> bytes:
    """A zip with these members."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as zipped:
        for name in names:
            zipped.writestr(name, "x")
    return into.getvalue()


async def sent(data: bytes, piece: int = 65_536) -> AsyncIterator[bytes]:
    """The data in pieces, as they arrive."""
    for start in range(0, len(data), piece):
        yield data[start : start + piece]
