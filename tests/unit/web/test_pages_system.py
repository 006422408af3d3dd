"""The system's state, as the administrator sees it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hotline import __version__
from hotline.config import Config, HotlineSection, RecordingSection, SpeechSection
from hotline.ivr.prompts import Wording, catalogue
from hotline.storage.database import DatabaseUnavailable
from hotline.web.pages_system import disks_of, model_of
from hotline.web.ports import Component
from tests.unit.web.house import House
from tests.unit.web.scenes import tone


def configured(folder: Path, **sections: object) -> Config:
    hotline = HotlineSection(data_dir=folder)
    recording = RecordingSection(dir=folder / "recordings", min_free_mb=0)
    given = {"hotline": hotline, "recording": recording, **sections}
    return Config.model_validate(given)


async def shown(house: House) -> str:
    async with house.browser("admin") as browser:
        answer = await browser.get("/system")
    assert answer.status_code == 200
    return answer.text


async def test_each_part_is_shown_with_what_to_do(house: House) -> None:
    house.components[:] = [
        Component("database", "up"),
        Component("pbx", "down", "connection refused"),
        Component("something_new", "unknown"),
    ]
    page = await shown(house)
    for words in ("连不上话务平台", "connection refused", "something_new", "未知"):
        assert words in page


async def test_the_demo_model_is_said_to_understand_nobody(house: House, tmp_path: Path) -> None:
    model = tmp_path / "model"
    for name in ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/words.txt"):
        (model / name).parent.mkdir(parents=True, exist_ok=True)
        (model / name).touch()
    (model / "graph/HCLG.fst").touch()
    real = SpeechSection(model=str(model))
    assert "听不懂真人说话" not in await shown(
        await house.rebuilt(configured(tmp_path, speech=real))
    )
    found = model_of(str(model))
    assert found is not None
    assert (found.name, found.demo, found.fault) == ("model", False, "")


async def test_no_model_and_a_broken_one_are_told_apart(house: House, tmp_path: Path) -> None:
    assert "没有配置语音识别模型" in await shown(house)
    broken = SpeechSection(model=str(tmp_path / "none"))
    page = await shown(await house.rebuilt(configured(tmp_path, speech=broken)))
    assert "语音识别模型不能用" in page
    assert "is not a folder" in page


async def test_missing_prompts_are_counted_and_named(house: House, tmp_path: Path) -> None:
    everything = catalogue(Wording(), ["zh"])
    for prompt in everything[1:]:
        tone(tmp_path / "prompts" / "zh" / f"{prompt.name}.wav", 1.0)
    page = await shown(await house.rebuilt(configured(tmp_path)))
    assert f"人工录制 {len(everything) - 1} 条" in page
    assert "缺少 1 条" in page
    assert everything[0].key in page


def test_a_disk_that_runs_full_is_told(tmp_path: Path) -> None:
    free_mb = shutil.disk_usage(tmp_path).free // 2**20
    full = configured(tmp_path, recording=RecordingSection(dir=tmp_path, min_free_mb=free_mb * 2))
    assert [disk.low for disk in disks_of(full)] == [True, True]
    assert [disk.low for disk in disks_of(configured(tmp_path))] == [False, False]


def test_a_folder_that_is_not_there_yet_has_its_disk(tmp_path: Path) -> None:
    disks = disks_of(configured(tmp_path / "not" / "yet"))
    assert all(disk.free is not None for disk in disks)


async def test_numbers_that_cannot_be_read_are_unknown(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone() -> str | None:
        raise DatabaseUnavailable("disk full")

    monkeypatch.setattr(house.database, "version", gone)
    page = await shown(house)
    assert "表结构" not in page
    assert "<dd>—</dd>" in page


async def test_the_doctor_and_the_machines_pages_are_named(house: House) -> None:
    page = await shown(house)
    for words in ("hotline.cli doctor", "/healthz", "/readyz", "/metrics", __version__):
        assert words in page
