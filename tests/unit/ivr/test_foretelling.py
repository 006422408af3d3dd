"""What a caller will hear is told by the walk that will lead them."""

from __future__ import annotations

import pytest

from hotline.ivr.foretelling import foretell, words_of
from hotline.ivr.library import shipped_flows
from hotline.ivr.model import PublishedFlow
from hotline.ivr.prompts import Wording
from hotline.ivr.reading import read_flow
from hotline.ivr.walk import Walk

GREETING = "您好，欢迎致电幺二三幺九城市管理服务热线。"
NOTICE = "为保证服务质量，本次通话将会录音。"


def heard(entry: str = "default", **facts: object) -> list[str]:
    known = {name.replace("__", "."): value for name, value in facts.items()}
    flows = {
        name: PublishedFlow(name, 0, read_flow(text)) for name, text in shipped_flows().items()
    }
    walk = Walk(flows, entry, lambda name, now: known.get(name))
    return foretell(walk, 0.0, words_of(Wording(), "zh"))


def test_on_duty_the_caller_waits_for_a_person() -> None:
    assert heard(queue__hotline__open=True) == [GREETING, NOTICE, "〔排队等候人工，听音乐〕"]


def test_out_of_hours_a_report_is_asked_for() -> None:
    *_, why, ends = heard(queue__hotline__open=False)
    assert why.startswith("现在是非服务时间")
    assert ends == "〔提示音后留言〕"


def test_a_storm_is_told_of_with_its_places() -> None:
    lines = heard(storm__active=True, storm__places="人民路", storm__text="正在抽排积水。")
    assert any("人民路正在抽排积水。" in line for line in lines)


@pytest.mark.parametrize("name", sorted(shipped_flows()))
def test_every_shipped_flow_can_be_told(name: str) -> None:
    assert heard(name)
