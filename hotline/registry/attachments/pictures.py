"""Photos made safe to show: a process of its own decodes them and draws them anew.

``python -m hotline.registry.attachments.pictures`` reads a job as JSON from its standard input
and answers with JSON. What is shown afterwards was written by this program, pixel by pixel: no
script, no hidden page, no EXIF comes through. A decoder that runs wild takes its own process
with it, at the limits below, and nothing else.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import hotline
from hotline.registry.attachments.faults import Refused

MOST_PIXELS = 64_000_000
SHOWN_SIDE = 2_560
THUMB_SIDE = 320
PATIENCE_S = 40.0
_MEMORY_BYTES = 1536 * 1024 * 1024
_CPU_S = 25
_NICE = 10
_FORMATS = ("JPEG", "PNG", "WEBP")
_GPS, _EXIF = 0x8825, 0x8769
_ORIGINAL, _DIGITIZED = 0x9003, 0x9004


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a photo says of itself, and the size in pixels of its shown copy."""

    width: int
    height: int
    taken_at: str
    longitude: float | None
    latitude: float | None


async def draw(original: Path, shown: Path, thumb: Path) -> Drawn:
    """Write the copies of ``original`` that people are shown.

    Raises :class:`Refused` (``broken``, ``too_many_pixels``), :class:`OSError`.
    """
    job = {"original": str(original), "shown": str(shown), "thumb": str(thumb)}
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "hotline.registry.attachments.pictures",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        # So that it finds this package wherever the controller was started.
        cwd=Path(hotline.__file__).parent.parent,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            answer, _ = await worker.communicate(json.dumps(job).encode())
    except TimeoutError as error:
        raise Refused("broken") from error
    finally:
        if worker.returncode is None:
            with suppress(ProcessLookupError):
                worker.kill()
            await worker.wait()
    if worker.returncode != 0:
        raise Refused("broken")
    said: dict[str, Any] = json.loads(answer)
    match said:
        case {"refused": key}:
            raise Refused(str(key), pixels=MOST_PIXELS // 1_000_000)
        case {"errno": number, "why": why}:
            raise OSError(number, why)
    return Drawn(**said)


def main() -> None:
    """Do the job of the standard input."""
    # Calls have the processor first.
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    job = json.load(sys.stdin)
    try:
        drawn = redraw(Path(job["original"]), Path(job["shown"]), Path(job["thumb"]))
        said = asdict(drawn)
    except Refused as refused:
        said = {"refused": refused.key}
    except MemoryError:
        said = {"refused": "too_many_pixels"}
    except OSError as error:
        said = {"errno": error.errno or 0, "why": error.strerror or str(error)}
    json.dump(said, sys.stdout)


def redraw(original: Path, shown: Path, thumb: Path) -> Drawn:
    """As :func:`draw`, in this process. Raises :class:`Refused`, :class:`OSError`."""
    # Imported here: only the worker pays for it.
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415

    Image.MAX_IMAGE_PIXELS = None
    try:
        image = Image.open(original, formats=_FORMATS)
    except (UnidentifiedImageError, SyntaxError, ValueError, OSError) as error:
        raise Refused("broken") from error
    with image:
        # The head alone is read so far: a bomb is told before it is lit.
        if image.width * image.height > MOST_PIXELS:
            raise Refused("too_many_pixels")
        hints = _hints(image)
        try:
            image.draft("RGB", (SHOWN_SIDE, SHOWN_SIDE))
            image.load()
            upright = ImageOps.exif_transpose(image)
            plain = _on_white(upright)
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise Refused("broken") from error
    plain.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    plain.save(shown, "JPEG", quality=85, optimize=True)
    size = plain.size
    plain.thumbnail((THUMB_SIDE, THUMB_SIDE))
    plain.save(thumb, "JPEG", quality=78)
    return Drawn(*size, **hints)


def _on_white(image: Any) -> Any:
    """The picture without transparency, in colours, and without anything but its pixels."""
    from PIL import Image  # noqa: PLC0415

    if image.mode in {"RGBA", "LA", "PA", "P"}:
        over = image.convert("RGBA")
        under = Image.new("RGB", over.size, "white")
        under.paste(over, mask=over.getchannel("A"))
        return under
    plain = image.convert("RGB")
    plain.info = {}
    return plain


def _hints(image: Any) -> dict[str, Any]:
    try:
        exif = image.getexif()
        inner, gps = exif.get_ifd(_EXIF), exif.get_ifd(_GPS)
    except (OSError, SyntaxError, ValueError, KeyError, TypeError):
        # What a camera wrote about a photo may be nonsense; the photo is not.
        return {"taken_at": "", "longitude": None, "latitude": None}
    taken = str(inner.get(_ORIGINAL) or inner.get(_DIGITIZED) or "")
    return {
        "taken_at": taken.strip("\x00 ")[:19],
        "longitude": _degrees(gps.get(4), gps.get(3), "W", 180),
        "latitude": _degrees(gps.get(2), gps.get(1), "S", 90),
    }


def _degrees(parts: Any, side: Any, negative: str, most: float) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not 0 <= value <= most:
        # Not a number falls out here as well.
        return None
    return round(-value if side == negative else value, 6)


if __name__ == "__main__":
    main()
