"""The knowledge base on the pages and on the desk."""

from __future__ import annotations

import pytest

from hotline import events
from hotline.web.page import SIZE_COOKIE
from tests.unit.web.house import House
from tests.unit.web.scenes import seed_articles
from tests.unit.web.test_desk import CALL, offered

NEW = {
    "title": "停水怎么办",
    "body": "先看通知。\n\n再问邻居。",
    "keywords": "没水，水压低",
    "classes": "供水管道破裂 component/0125",
    "review_on": "2027-03-01",
    "why": "新规定",
}


async def test_a_supervisor_writes_changes_and_reviews_an_article(house: House) -> None:
    async with house.browser("supervisor") as browser:
        assert "新建文章" in (await browser.get("/knowledge")).text
        made = await browser.send_form("/knowledge/articles", **NEW)
        assert made.headers["location"] == "/knowledge?article=1"
        page = (await browser.get("/knowledge?article=1")).text
        for words in ("先看通知。", "没水　水压低", "供水管道破裂", "供水器", "2027-03-01"):
            assert words in page
        again = NEW | {"action": "change", "version": "1", "body": "请看公众号。"}
        await browser.send_form("/knowledge/articles/1", **again)
        review = {"action": "review", "version": "2", "review_on": "2027-06-01", "why": "通读"}
        await browser.send_form("/knowledge/articles/1", **review)
        page = (await browser.get("/knowledge?article=1")).text
        late = await browser.send_form("/knowledge/articles/1", **review)
    for words in ("请看公众号。", "先看通知。", "第 3 版", "历次版本（3）", "2027-06-01"):
        assert words in page
    assert late.status_code == 409
    (article,) = house.web.parts.knowledge.base.articles
    assert article.text.classes == ("event/0501", "component/0125")
    assert [r.event.kind for r in await house.journal.read(kinds=[events.ArticleRevised])] == [
        "ArticleRevised"
    ] * 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": ""}, "必填"),
        ({"classes": "外星人"}, "有不认识的类别"),
        ({"review_on": "明年"}, "请填写日期"),
        ({"review_on": "2020-01-01"}, "要晚于今天"),
        ({"why": ""}, "必填"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(
    house: House, change: dict[str, str], words: str
) -> None:
    async with house.browser("supervisor") as browser:
        answer = await browser.send_form("/knowledge/articles", **(NEW | change))
    assert answer.status_code == 422
    assert words in answer.text
    assert "再问邻居。" in answer.text
    assert not house.web.parts.knowledge.base.articles


@pytest.mark.parametrize("user", ["agent1", "unit1", "admin"])
async def test_everybody_reads_and_only_supervisors_write(house: House, user: str) -> None:
    await seed_articles(house)
    async with house.browser(user) as browser:
        page = (await browser.get("/knowledge?q=meiqi&article=2")).text
        refused = await browser.send_form("/knowledge/articles", **NEW)
        found = (await browser.get("/api/knowledge/search", params={"q": "ts"})).json()
    assert "不要开关任何电器" in page
    assert "新建文章" not in page
    assert "历次版本" not in page
    assert refused.status_code == 403
    assert found[0]["title"] == "停水怎么办、何时来水"


async def test_a_withdrawn_article_is_listed_apart_and_not_given_out(house: House) -> None:
    await seed_articles(house)
    base = house.web.parts.knowledge.base
    await base.withdraw(1, why="过时", by="supervisor", based_on=1)
    async with house.browser("supervisor") as browser:
        in_force = (await browser.get("/knowledge")).text
        withdrawn = (await browser.get("/knowledge?show=withdrawn")).text
        gone = await browser.get("/api/knowledge/1", headers={"accept": "application/json"})
        missing = await browser.get("/knowledge?article=99")
    assert "停水怎么办" not in in_force
    assert "停水怎么办" in withdrawn
    assert (gone.status_code, missing.status_code) == (404, 404)


async def test_the_desk_is_suggested_articles_by_class_and_words(house: House) -> None:
    await seed_articles(house)
    asked = {"category": "event/0501", "description": "闻到煤气，还停水了"}
    async with house.browser("agent1") as browser:
        found = (await browser.get("/api/knowledge/suggestions", params=asked)).json()
    assert [(one["title"], one["why"]) for one in found[:2]] == [
        ("停水怎么办、何时来水", "class"),
        ("燃气泄漏先做什么", "words"),
    ]


async def test_a_call_is_answered_at_once_in_one_request(house: House) -> None:
    await seed_articles(house)
    await offered(house)
    async with house.browser("agent1") as browser:
        body = {"article_id": 1, "form": {"kind": "", "description": ""}}
        path = f"/api/calls/{CALL}/answer"
        case = (await browser.send_json("POST", path, body)).json()["case"]
        again = await browser.send_json("POST", path, body | {"version": case["version"]})
        unknown = await browser.send_json("POST", path, body | {"article_id": 99})
        page = (await browser.get(f"/cases/{case['number']}")).text
    assert case["state"] == "closed"
    assert case["form"]["callback_wanted"] is False
    assert "直接答复：知识库《停水怎么办、何时来水》（第 1 号，第 1 版）" in page
    assert (again.status_code, unknown.status_code) == (403, 404)


async def test_nobody_answers_somebody_elses_call(house: House) -> None:
    await seed_articles(house)
    await offered(house)
    async with house.browser("agent2") as browser:
        body = {"article_id": 1, "form": {}}
        answer = await browser.send_json("POST", f"/api/calls/{CALL}/answer", body)
    assert answer.status_code == 404


async def test_an_agents_own_figures_are_their_own(house: House) -> None:
    await house.journal.append(
        events.OfferEnded(CALL, "agent1", f"{CALL}/1", "answered"),
        events.CallAnswered(CALL, "agent1", 5.0),
        events.TalkEnded(CALL, "agent1", 61.0, "citizen"),
        events.CallRated(CALL, "agent1", 4),
    )
    async with house.browser("agent1") as browser:
        mine = (await browser.get("/api/agent/figures")).json()
    async with house.browser("agent2") as browser:
        theirs = (await browser.get("/api/agent/figures")).json()
    assert (mine["answered"], mine["talk_s"], mine["satisfied"], mine["rated"]) == (1, 61.0, 1, 1)
    assert set(theirs.values()) == {0}


async def test_the_size_of_the_words_is_the_browsers(house: House) -> None:
    async with house.browser("agent1") as browser:
        assert 'data-size="normal"' in (await browser.get("/desk")).text
        browser.cookies.set(SIZE_COOKIE, "larger")
        assert 'data-size="larger"' in (await browser.get("/desk")).text
        browser.cookies.set(SIZE_COOKIE, '"><script>')
        assert 'data-size="normal"' in (await browser.get("/desk")).text
