"""Two machines of one person: which has the phone, who is told, and what is typed at both."""

from __future__ import annotations

from hotline import events
from hotline.cti.desk import NotNow
from hotline.web.access import COOKIE
from hotline.web.drafts import Typed
from hotline.web.phone_here import told
from tests.unit.web.house import Browser, House, agent_view
from tests.unit.web.test_desk import CALL, offered


async def ask(browser: Browser, how: str) -> tuple[int, object]:
    answer = await browser.get(f"/api/phone?how={how}", headers={"accept": "application/json"})
    body = answer.json()
    return answer.status_code, body.get("error", body.get("talks"))


def session_of(house: House, browser: Browser) -> str:
    """The session of a browser, whose page is open from now on."""
    return browser.cookies[COOKIE]


async def opens_page(house: House, browser: Browser) -> None:
    viewer = await house.web.sessions.find(session_of(house, browser))
    assert viewer is not None
    house.web.streams.add(viewer.session_id)


async def place(house: House, browser: Browser) -> str:
    """Where the phone is, as this login is told by the last move."""
    (*_, record) = await house.journal.read(kinds=[events.PhoneMoved])
    viewer = await house.web.sessions.find(session_of(house, browser))
    assert viewer is not None
    (message,) = await told(viewer, house.database, record)
    assert isinstance(message.data, dict)
    return str(message.data["place"])


async def test_the_machine_that_opens_the_desk_takes_the_phone_over(house: House) -> None:
    async with house.browser("agent1") as old, house.browser("agent1") as new:
        assert await ask(old, "opening") == (200, False)
        await opens_page(house, old)
        assert await ask(old, "opening") == (200, False)
        assert not await house.journal.read(kinds=[events.PhoneMoved])
        assert await ask(new, "opening") == (200, False)
        assert (await place(house, old), await place(house, new)) == ("elsewhere", "here")


async def test_a_talk_stays_where_it_is_until_it_is_asked_for(house: House) -> None:
    async with house.browser("agent1") as old, house.browser("agent1") as new:
        await ask(old, "opening")
        await opens_page(house, old)
        house.phones.talking.add("1001")
        assert await ask(new, "opening") == (409, "phone_elsewhere")
        assert await ask(new, "take") == (200, True)
        assert (await place(house, old), await place(house, new)) == ("elsewhere", "here")


async def test_a_page_that_was_open_before_never_takes_the_phone_by_itself(house: House) -> None:
    async with house.browser("agent1") as old, house.browser("agent1") as new:
        await ask(old, "opening")
        await ask(new, "opening")
        await opens_page(house, new)
        assert await ask(old, "waiting") == (409, "phone_elsewhere")
        assert await ask(old, "take") == (200, False)


async def test_a_phone_whose_page_is_gone_is_taken_with_its_talk(house: House) -> None:
    async with house.browser("agent1") as old, house.browser("agent1") as new:
        await ask(old, "opening")
        house.phones.talking.add("1001")
        assert await ask(new, "opening") == (200, True)


async def test_a_logout_where_the_phone_is_tells_the_other_machine(house: House) -> None:
    async with house.browser("agent1") as old, house.browser("agent1") as new:
        await ask(old, "opening")
        await ask(new, "opening")
        await new.send_form("/logout")
        assert await place(house, old) == "nowhere"
        # The other one is still logged in, and takes it when asked to.
        assert await ask(old, "take") == (200, False)


async def test_a_logout_elsewhere_leaves_the_phone_where_it_is(house: House) -> None:
    async with house.browser("agent1") as old, house.browser("agent1") as new:
        await ask(old, "opening")
        await ask(new, "opening")
        await old.send_form("/logout")
        assert len(await house.journal.read(kinds=[events.PhoneMoved])) == 1
        assert await place(house, new) == "here"


async def test_a_talk_is_brought_by_the_calls_or_refused_in_words(house: House) -> None:
    house.calls.agents["agent1"] = agent_view("agent1", "talking")
    async with house.browser("agent1") as browser:
        answer = await browser.send_json("POST", "/api/phone/talk", {})
        assert answer.status_code == 204
        assert house.calls.asked == [("bring_talk", "agent1")]
        house.calls.refusal = NotNow("talk_stays").key
        answer = await browser.send_json("POST", "/api/phone/talk", {})
    assert (answer.status_code, answer.json()["error"]) == (409, "talk_stays")


async def test_a_call_that_staff_placed_is_brought_as_if_it_were_cut_off(house: House) -> None:
    house.phones.talking.add("2001")
    async with house.browser("callback1") as browser:
        assert (await browser.send_json("POST", "/api/phone/talk", {})).status_code == 204
        assert not house.phones.talking
        answer = await browser.send_json("POST", "/api/phone/talk", {})
    assert (answer.status_code, answer.json()["error"]) == (409, "no_talk")


async def test_the_other_page_is_told_at_once_what_is_typed_into_the_same_form(
    house: House,
) -> None:
    await offered(house)
    heard: list[Typed] = []

    def passes(typed: Typed) -> None:
        """The page that types."""

    house.web.drafts.listen("agent1", passes)
    async with house.browser("agent1") as browser:
        for revision, listens in ((1, False), (2, True)):
            if listens:
                house.web.drafts.listen("agent1", heard.append)
            form, over = {"address": "中山路"}, ["address"]
            body = {"form": form, "revision": revision, "page": "a", "over": over}
            path = f"/api/calls/{CALL}/draft"
            assert (await browser.send_json("PUT", path, body)).status_code == 204
    assert heard == [Typed(CALL, "a", 2, {"address": "中山路"}, ("address",))]
