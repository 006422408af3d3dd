"""What most tests of whole calls begin with: a citizen in the queue, or in a talk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from hotline.demo.desk import Desk
from hotline.demo.hearing import Ear
from hotline.demo.phone import INCOMING, BaresipPhone
from tests.audio import tone_seconds
from tests.deadline import PATIENCE_S, until
from tests.system import AGENT_HZ, CITIZEN_HZ, HotlineSystem


@dataclass(frozen=True, slots=True)
class Waiting:
    """A citizen on the line; ``mark`` is the journal's last number before they rang in."""

    call_id: str
    citizen: BaresipPhone
    ear: Ear
    mark: int


@dataclass(frozen=True, slots=True)
class Talk:
    """A citizen and an agent in a talk."""

    call_id: str
    citizen: BaresipPhone
    ear: Ear
    desk: Desk
    phone: BaresipPhone
    mark: int


def ear_of(system: HotlineSystem, phone: BaresipPhone) -> Ear:
    """An ear at a citizen's phone."""
    return Ear(phone, system.config.hotline.data_dir / "prompts" / "zh")


@asynccontextmanager
async def ringing_in(
    system: HotlineSystem, number: str = "13800138000", name: str = ""
) -> AsyncIterator[Waiting]:
    """A citizen whose call was just answered by the hotline."""
    mark = system.last_seq()
    async with system.citizen(number, name) as citizen:
        await citizen.dial(system.sip())
        await citizen.established()
        arrived = await system.journalled("CallArrived", after=mark, calling=number)
        yield Waiting(arrived.data["call_id"], citizen, ear_of(system, citizen), mark)


@asynccontextmanager
async def waiting(
    system: HotlineSystem, number: str = "13800138000", name: str = ""
) -> AsyncIterator[Waiting]:
    """A citizen who has heard the notices and waits in the queue."""
    async with ringing_in(system, number, name) as call:
        await system.journalled("CallQueued", after=call.mark, within=30, call_id=call.call_id)
        yield call


@asynccontextmanager
async def talking(
    system: HotlineSystem, user: str = "agent1", number: str = "13800138000", name: str = ""
) -> AsyncIterator[Talk]:
    """A citizen and the only ready agent, hearing each other."""
    async with AsyncExitStack() as stack:
        desk, phone = await stack.enter_async_context(system.ready_agent(user))
        call = await stack.enter_async_context(waiting(system, number, name))
        await phone.event(INCOMING)
        await phone.answer()
        await phone.established()
        await system.journalled("CallAnswered", after=call.mark, call_id=call.call_id)
        talk = Talk(call.call_id, call.citizen, call.ear, desk, phone, call.mark)
        await hear_each_other(talk.citizen, phone)
        yield talk


async def hear_each_other(
    citizen: BaresipPhone, agent: BaresipPhone, seconds: float = 1.0, within: float = PATIENCE_S
) -> None:
    """Wait until each side has heard the other's tone for ``seconds`` from now on."""
    heard_by_citizen, heard_by_agent = len(citizen.heard()), len(agent.heard())
    await until(
        lambda: tone_seconds(citizen.heard()[heard_by_citizen:], AGENT_HZ) >= seconds,
        within=within,
        what="the citizen hears the agent",
    )
    await until(
        lambda: tone_seconds(agent.heard()[heard_by_agent:], CITIZEN_HZ) >= seconds,
        within=within,
        what="the agent hears the citizen",
    )
