"""Photos and documents of cases: kept once, shown without what a camera wrote into them, refused
for what they are and not for what they are called."""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections import namedtuple
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hotline.registry.attachments import service, store
from hotline.registry.attachments.faults import Refused
from hotline.registry.attachments.model import NoSuchAttachment
from hotline.registry.attachments.service import AttachmentDesk, Offered, plain_name
from hotline.registry.attachments.sorts import told_by
from hotline.registry.model import NoSuchCase, Person
from hotline.registry.service import CaseRegistry
from hotline.storage.journal import Journal
from tests.databases import clock, database, database_url, journal
from tests.deadline import until
from tests.unit.registry.attachments import files
from tests.unit.registry.cases import AGENT, arrive, kinds, opened
from tests.unit.registry.conftest import noted, registry

__all__ = ["clock", "database", "database_url", "journal", "noted", "registry"]

UNIT = Person("unit1", "unit")
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def desk(journal: Journal, folder: Path) -> AttachmentDesk:
    return AttachmentDesk.of(journal, folder, 1)


@pytest.fixture
async def number(registry: CaseRegistry, journal: Journal) -> str:
    await arrive(journal)
    return (await opened(registry)).case_number


def offered(number: str, name: str = "IMG_1.jpg", key: str = "key-00000001") -> Offered:
    return Offered(number, "after", name, key)


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_photo_is_shown_upright_and_without_what_the_camera_wrote(
    desk: AttachmentDesk, number: str
) -> None:
    one, new = await desk.take(offered(number), files.sent(files.photo_from_a_phone()), UNIT)
    assert new
    assert (one.kind, one.mime, one.width, one.height) == ("photo", "image/jpeg", 480, 640)
    assert (one.taken_at, one.longitude, one.latitude) == ("2026:11:20 07:30:00", 120.15, 30.26)
    shown = desk.file(one)
    with Image.open(shown) as image:
        assert (image.size, dict(image.getexif()), image.info.get("comment")) == (
            (480, 640),
            {},
            None,
        )
    assert b"script" not in shown.read_bytes()
    with Image.open(desk.file(one, small=True)) as image:
        assert max(image.size) == 320


async def test_an_attachment_stands_in_the_cases_history(
    desk: AttachmentDesk, registry: CaseRegistry, number: str
) -> None:
    one, _ = await desk.take(offered(number), files.sent(files.PDF), UNIT)
    assert (await kinds(registry, await registry.get(number)))[-1] == "CaseAttached"
    assert await desk.of_case(number) == (one,)
    assert (one.kind, one.name) == ("document", "IMG_1.pdf")
    assert desk.file(one).read_bytes() == files.PDF


async def test_the_same_sending_again_is_the_same_attachment(
    desk: AttachmentDesk, number: str, folder: Path
) -> None:
    first, _ = await desk.take(offered(number), files.sent(files.photo()), UNIT)
    again, new = await desk.take(offered(number), files.sent(files.photo()), UNIT)
    assert (again, new) == (first, False)
    other, new = await desk.take(
        offered(number, key="key-00000002"), files.sent(files.photo()), UNIT
    )
    assert (new, other.sha256) == (True, first.sha256)
    assert len(on_disk(folder)) == 3


async def test_somebody_elses_key_is_not_ones_own(desk: AttachmentDesk, number: str) -> None:
    first, _ = await desk.take(offered(number), files.sent(files.photo()), UNIT)
    other, new = await desk.take(offered(number), files.sent(files.PDF), AGENT)
    assert new
    assert other.attachment_id != first.attachment_id


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (files.PROGRAM, "program"),
        (files.HTML, "markup"),
        (files.SVG, "markup"),
        (files.HEIC, "heic"),
        (files.MP4, "video"),
        (b"just words", "unknown"),
        (files.photo()[:4_000], "broken"),
        (b"\xff\xd8\xff\xe0" + files.HTML, "broken"),
        (files.bomb(), "too_many_pixels"),
        (files.package("a.txt"), "unknown"),
        (files.package("word/document.xml", "word/vbaProject.bin"), "program"),
        (files.package("word/document.xml")[:40], "broken"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_no_photo_is_refused_whatever_it_is_called(
    desk: AttachmentDesk, number: str, folder: Path, data: bytes, why: str
) -> None:
    with pytest.raises(Refused) as refused:
        await desk.take(offered(number), files.sent(data), UNIT)
    assert refused.value.key == why
    assert on_disk(folder) == []
    assert await desk.of_case(number) == ()


async def test_a_file_too_long_is_read_no_further_and_leaves_nothing(
    desk: AttachmentDesk, number: str, folder: Path
) -> None:
    pieces = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal pieces
        while True:
            pieces += 1
            yield b"\xff\xd8\xff" + b"0" * 65_533

    with pytest.raises(Refused) as refused:
        await desk.take(offered(number), endless(), UNIT)
    assert (refused.value.key, refused.value.values) == ("too_large", {"most": 1})
    assert pieces == 17
    assert on_disk(folder) == []


async def test_a_sender_who_goes_away_leaves_nothing(
    desk: AttachmentDesk, number: str, folder: Path
) -> None:
    async def cut() -> AsyncIterator[bytes]:
        yield files.photo()[:1000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await desk.take(offered(number), cut(), UNIT)
    assert on_disk(folder) == []


async def test_a_full_disk_is_told_before_and_while_a_file_arrives(
    desk: AttachmentDesk, number: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10, 10, store.RESERVE_BYTES))
    with pytest.raises(Refused, match="disk_full"):
        await desk.take(offered(number), files.sent(files.photo()), UNIT)
    monkeypatch.undo()

    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(service, "sort_of", full)
    with pytest.raises(Refused, match="disk_full"):
        await desk.take(offered(number), files.sent(files.photo()), UNIT)
    assert on_disk(folder) == []


async def test_what_was_arriving_when_the_program_ended_is_forgotten(
    desk: AttachmentDesk, folder: Path
) -> None:
    incoming = folder / "attachments" / "incoming"
    incoming.mkdir(parents=True)
    (incoming / "half").write_bytes(b"x")
    resting = asyncio.create_task(desk.run())
    await until(lambda: not on_disk(folder) or None)
    resting.cancel()


async def test_nobody_attaches_to_a_case_that_is_none_or_finds_another_cases_file(
    desk: AttachmentDesk, number: str
) -> None:
    with pytest.raises(NoSuchCase):
        await desk.take(offered("2026112099999"), files.sent(files.photo()), UNIT)
    one, _ = await desk.take(offered(number), files.sent(files.photo()), UNIT)
    with pytest.raises(NoSuchAttachment):
        await desk.get("2026112099999", one.attachment_id)


async def test_what_a_citizen_sent_can_be_erased_and_work_done_stays(
    desk: AttachmentDesk, number: str, folder: Path
) -> None:
    report = Offered(number, "report", "家门口.jpg", "key-00000001")
    sent, _ = await desk.take(report, files.sent(files.photo_from_a_phone()), AGENT)
    after, _ = await desk.take(
        offered(number, key="key-00000002"), files.sent(files.photo(300, 200)), UNIT
    )
    again = Offered(number, "after", "同一张.jpg", "key-00000003")
    same, _ = await desk.take(again, files.sent(files.photo_from_a_phone()), UNIT)
    assert await desk.erase([number]) == 1
    assert desk.file(same).is_file()
    rows = {one.attachment_id: one for one in await desk.of_case(number)}
    assert rows[sent.attachment_id].erased_at is not None
    assert rows[sent.attachment_id].longitude is None
    assert rows[after.attachment_id].erased_at is None


async def test_an_erased_file_is_gone_from_the_disk(
    desk: AttachmentDesk, number: str, folder: Path
) -> None:
    report = Offered(number, "report", "家门口.jpg", "key-00000001")
    await desk.take(report, files.sent(files.photo_from_a_phone()), AGENT)
    assert await desk.erase([number]) == 1
    assert await desk.erase([number]) == 0
    assert on_disk(folder) == []


@given(st.text(), st.sampled_from([".jpg", ".pdf"]))
def test_a_name_is_one_line_without_a_path_and_with_the_ending_of_its_contents(
    given_name: str, suffix: str
) -> None:
    name = plain_name(given_name, suffix)
    assert name.endswith(suffix)
    assert not set(name) & set("/\\\r\n\x00")
    assert len(name) <= 130
    assert name != suffix


@given(st.binary(max_size=600))
def test_no_beginning_of_a_file_is_more_than_refused(head: bytes) -> None:
    with suppress(Refused):
        assert told_by(head).kind in {"photo", "document", "sound"}
