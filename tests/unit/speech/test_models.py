from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hotline.config import load
from hotline.speech.models import DEMO_NAME, ModelFault, demo_path, locate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model folder of the test's own."""
    return Path(shutil.copytree(demo_path(), tmp_path / "some-model"))


def test_demo_names_the_demo_model_and_says_what_it_is() -> None:
    model = locate("demo")
    assert model.name == DEMO_NAME == "demo (synthetic voices only)"
    assert model.rate == 8000
    assert "useless" in (model.path / "README.md").read_text(encoding="utf-8")


def test_another_folder_is_shown_by_its_name(folder: Path) -> None:
    assert locate(str(folder)).name == "some-model"


def test_a_model_without_a_rate_has_kaldis(folder: Path) -> None:
    (folder / "conf/mfcc.conf").write_text("--use-energy=false\n")
    assert locate(str(folder)).rate == 16000


@pytest.mark.parametrize("missing", ["am/final.mdl", "conf/mfcc.conf", "graph/Gr.fst"])
def test_a_folder_that_lacks_a_part_is_refused_by_name(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(ModelFault, match=missing):
        locate(str(folder))


def test_no_folder_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFault, match="not a folder"):
        locate(str(tmp_path / "nothing"))


@pytest.mark.parametrize("named", ["", "demo"])
def test_no_model_and_the_demos_are_no_paths(tmp_path: Path, named: str) -> None:
    file = tmp_path / "hotline.toml"
    file.write_text(f'[speech]\nmodel = "{named}"\n')
    assert load(file).speech.model == named


def test_a_models_folder_counts_from_the_configurations(tmp_path: Path) -> None:
    file = tmp_path / "hotline.toml"
    file.write_text('[speech]\nmodel = "models/vosk-model-cn-0.22"\n')
    assert load(file).speech.model == str(tmp_path / "models/vosk-model-cn-0.22")
