"""The page of the classes: read by standard, searched, and changed with a reason."""

from __future__ import annotations

from hotline import events
from hotline.registry.forms import read_form
from hotline.registry.model import Person
from tests.unit.web.house import ON_BOTH, House

LAMP = "component/0137"
NEW = {"parent": "component/01", "name": "爱心驿站", "synonyms": "驿站", "why": "本市新增"}


FAULTY: tuple[tuple[str, dict[str, str], str], ...] = (
    ("classes", NEW | {"why": ""}, "必填"),
    ("classes", NEW | {"name": "路灯"}, "已有同名的类别"),
    ("classes", NEW | {"code": "0137"}, "这个代码已有类别使用"),
    ("classes", NEW | {"parent": "component/77"}, "请选择其中一项"),
    ("changes", {"key": LAMP, "action": "retire", "since": "soon", "why": "x"}, "请填写日期"),
    (
        "changes",
        {"key": LAMP, "action": "retire", "since": "2020-01-01", "why": "x"},
        "今天或以后",
    ),
    (
        "changes",
        {"key": LAMP, "action": "change", "synonyms": "长" * 21, "why": "x"},
        "最多 40 个",
    ),
)


@ON_BOTH
async def test_the_page_says_what_the_list_leaves_out(house: House) -> None:
    async with house.browser("admin") as browser:
        page = (await browser.get("/taxonomy")).text
    for words in ("GB/T 30428.2-2013", "缺 55 类", "缺 16 类", "上水井盖", "本市还没有修改过"):
        assert words in page


async def test_every_standard_can_be_read_and_only_the_citys_changed(house: House) -> None:
    async with house.browser("supervisor") as browser:
        answer = await browser.get("/taxonomy?standard=gbt-47678.5-2026&key=component/01001")
        missing = [
            (await browser.get(f"/taxonomy?{query}")).status_code
            for query in ("standard=gbt-1", "key=component/9999")
        ]
    assert "供水井盖" in answer.text
    assert "上水井盖" in answer.text
    assert 'name="why"' not in answer.text
    assert missing == [404, 404]


async def test_classes_are_found_by_what_is_typed(house: House) -> None:
    nothing = "没有与“没有这个类别”相符"
    async with house.browser("admin") as browser:
        for words, found in (("马路灯", "路灯"), ("ld", "路灯"), ("没有这个类别", nothing)):
            assert found in (await browser.get("/taxonomy", params={"words": words})).text


async def test_a_new_class_is_offered_to_agents_at_once(house: House) -> None:
    async with house.browser("admin") as browser:
        answer = await browser.send_form("/taxonomy/classes", **NEW)
        assert answer.headers["location"] == "/taxonomy?key=component%2F0199#component-0199"
        page = (await browser.get(answer.headers["location"])).text
    for words in ("爱心驿站", "本市", "第 1 次修订", "本市新增", "管理员"):
        assert words in page
    async with house.browser("agent1") as browser:
        offered = (await browser.get("/api/categories")).json()
        found = (await browser.get("/api/categories/search?words=驿站")).json()
    (own,) = [one for one in offered if one["key"] == "component/0199"]
    assert own["words"] == [{"text": "驿站", "pinyin": "yizhan", "initials": "yz"}]
    assert found[0]["matched"] == "驿站"


async def test_a_retired_class_is_not_offered_any_more_and_comes_back(house: House) -> None:
    retire = {"key": LAMP, "action": "retire", "since": "2026-11-20", "why": "并入他类"}
    async with house.browser("supervisor") as browser:
        assert (await browser.send_form("/taxonomy/changes", **retire)).status_code == 303
        hidden = (await browser.get("/taxonomy?kind=component&words=路灯")).text
        shown = (await browser.get("/taxonomy?retired=true&words=路灯")).text
        keys = await _offered(house)
        restore = {"key": LAMP, "action": "restore", "why": "还要用", "revision": "1"}
        assert (await browser.send_form("/taxonomy/changes", **restore)).status_code == 303
    assert "2026-11-20 起停用" not in hidden
    assert "2026-11-20 起停用" in shown
    assert LAMP not in keys
    assert LAMP in await _offered(house)


async def _offered(house: House) -> set[str]:
    async with house.browser("agent1") as browser:
        return {one["key"] for one in (await browser.get("/api/categories")).json()}


async def test_what_cannot_be_kept_is_said_beside_its_field(house: House) -> None:
    async with house.browser("admin") as browser:
        for path, form, message in FAULTY:
            answer = await browser.send_form(f"/taxonomy/{path}", **form)
            assert answer.status_code == 422
            assert message in answer.text
    assert house.web.parts.room.taxonomy.revisions == ()


async def test_two_who_change_one_class_cannot_overwrite_each_other(house: House) -> None:
    words = {"key": LAMP, "action": "change", "synonyms": "灯杆子", "why": "叫法", "revision": "0"}
    async with house.browser("admin") as browser:
        first = await browser.send_form("/taxonomy/changes", **words)
        second = await browser.send_form("/taxonomy/changes", **words)
        nothing = await browser.send_form("/taxonomy/changes", **(words | {"key": "event/9"}))
    assert (first.status_code, second.status_code, nothing.status_code) == (303, 409, 404)


async def test_a_missing_code_is_a_click_from_being_filled_in(house: House) -> None:
    async with house.browser("admin") as browser:
        page = (await browser.get("/taxonomy?fill=component/0105")).text
        assert 'value="电力井盖"' in page
        form = {"parent": "component/01", "code": "0105", "name": "电力井盖", "why": "按标准补录"}
        answer = await browser.send_form("/taxonomy/classes", **form)
        assert "补录" in (await browser.get(answer.headers["location"])).text


async def test_a_wrong_component_code_is_named_beside_its_field(house: House) -> None:
    await house.journal.append(
        events.CallArrived("pbx1-1", "pbx1", "PJSIP/t", "12319", "13800000000")
    )
    typed = {"kind": "report", "description": "灯不亮", "category": LAMP}
    opened = await house.web.parts.cases.open_from_call(
        read_form(typed), "pbx1-1", Person("agent1", "agent")
    )
    path = f"/api/cases/{opened.case_number}"
    async with house.browser("supervisor") as browser:
        page = (await browser.get(f"/cases/{opened.case_number}")).text
        wrong = {"form": {"component_code": "110101013700000"}, "version": opened.version}
        answer = await browser.send_json("PUT", path, wrong)
        right = {"form": {"component_code": "1101010137000001"}, "version": opened.version}
        saved = await browser.send_json("PUT", path, right)
    assert "gbt-30428.2-2013，代码 0137" in page
    assert answer.status_code == 422
    assert answer.json()["fields"]["component_code"].startswith("部件标识码应为 16 位")
    assert saved.json()["case"]["form"]["component_code"] == "1101010137000001"
