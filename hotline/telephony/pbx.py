"""What the calls layer asks of a PBX, in its own words.

Every method raises :class:`AmiLost` when the outcome is unknown (the next snapshot tells),
:class:`AmiRefused` when Asterisk said no, and ValueError when the wire cannot carry a value.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Protocol

from hotline.telephony.ami import AmiLink, AmiRefused

FALLBACK_QUEUE = "hotline-fallback"
# What the telephone networks speak. A local channel that carries Asterisk's own format instead
# leaves the leg behind it unable to send what does not come out of the bridge: music, a prompt, a
# third (seen with Asterisk 22.10; why is not proved).
NETWORKS = "alaw,ulaw"
# The key that sets a caller aside (features.conf); without HOTLINE_HELD it does nothing.
HOLD_KEY = "A"
# The one that sets the citizen of a call aside that staff placed, while ASIDE says why.
ASIDE_KEY = "B"
ASIDE = "SHARED(HOTLINE_ASIDE)"

# Where both legs of a call that staff placed are joined when its citizen becomes a caller.
BROUGHT = "hotline-brought"

_GONE = ("no such channel", "channel does not exist", "channel not existent")
# Asterisk splits Variable at commas that stand outside quotes and brackets.
_SPECIAL = re.compile(r"""([\\,"()\[\]])""")


class Originates(Protocol):
    """What places calls: a :class:`Pbx`, as those who only place them see it."""

    async def originate(
        self,
        channel_id: str,
        endpoint: str,
        context: str,
        extension: str,
        *,
        ring_seconds: float,
        caller_id: str = "",
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Dial an endpoint and send it to a place in the dialplan."""


class Places(Originates, Protocol):
    """What places calls and ends them: a :class:`Pbx`, as those see it who call for staff."""

    async def hang_up(self, channel: str) -> bool:
        """Hang a channel up, by its name or its id; False when it was already gone."""

    async def set_aside(self, channel: str) -> None:
        """Let the citizen of a call that staff placed hear music within the talk."""

    async def bring_back(self, channel: str) -> None:
        """End such music."""

    async def get_variable(self, channel: str, name: str) -> str | None:
        """A channel variable's value, None when it is empty or the channel is gone."""

    async def legs(self, channel: str) -> tuple[str, str] | None:
        """The citizen's leg and staff's, of a call that staff placed, while the two talk."""

    async def bring(self, channel: str, citizen: str, staff: str, number: str) -> bool:
        """Make its citizen a caller of ours; False when a leg of theirs is gone."""


class Pbx:
    """One Asterisk, through its AMI link."""

    def __init__(self, link: AmiLink) -> None:
        self._link = link
        self._changing_members = asyncio.Lock()

    async def hang_up(self, channel: str, cause: str = "") -> bool:
        """Hang a channel up, by its name or its id; False when it was already gone. ``cause`` is
        Q.850's number, empty for a normal end."""
        more = {"Cause": cause} if cause else {}
        return await self._on_living("Hangup", Channel=channel, **more)

    async def redirect(self, channel: str, context: str, extension: str = "s") -> bool:
        """Send a channel to ``context``, ``extension``, 1; False when it is gone."""
        return await self._on_living(
            "Redirect", Channel=channel, Context=context, Exten=extension, Priority=1
        )

    async def fetch_back(self, channel: str) -> bool:
        """Bring a caller out of the dialplan's own path back to the controller; False when they
        are gone, or an agent has just picked up there: nobody is torn out of a talk."""
        for name in ("HOTLINE_TALKED", "SHARED(HOTLINE_TALKED)"):
            if await self.get_variable(channel, name) == "1":
                return False
        return await self.redirect(channel, "hotline-adopt")

    async def originate(
        self,
        channel_id: str,
        endpoint: str,
        context: str,
        extension: str,
        *,
        ring_seconds: float,
        caller_id: str = "",
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Dial ``endpoint`` (``PJSIP/2001``, ``Local/2001@staff/n``) and send it, once
        answered, to ``context``, ``extension``, 1.

        Returns when Asterisk has queued it; how it went is told by events. ``channel_id``
        becomes the channel's unique id, so that a lost answer can be reconciled. Variables with
        a leading ``__`` are inherited.
        """
        fields: dict[str, object] = {
            "Channel": endpoint,
            "Context": context,
            "Exten": extension,
            "Priority": 1,
            "ChannelId": channel_id,
            "Timeout": round(ring_seconds * 1000),
            "Codecs": NETWORKS,
            "Async": "true",
            "Variable": [f"{name}={_escaped(text)}" for name, text in (variables or {}).items()],
        }
        if caller_id:
            fields["CallerID"] = caller_id
        await self._link.action("Originate", **fields)

    async def overhear(self, channel: str, address: str, identity: str) -> None:
        """Carry what ``channel`` says, and nothing of what it hears, to the AudioSocket at
        ``address`` (``host:port``) under a UUID, until either side ends."""
        await self._link.action(
            "Originate",
            Channel=f"AudioSocket/{address}/{identity}",
            ChannelId=f"ear-{identity}",
            Application="ChanSpy",
            Data=f"{channel},uqoES",
            Codecs="slin",
            Async="true",
        )

    async def set_fallback_members(self, members: Mapping[str, str]) -> None:
        """Make the fallback queue's members equal to ``members``: interface (``PJSIP/1001``)
        to the device whose state tells whether it is free (often the same).

        Of calls at the same time, the last one made has its way.
        """
        async with self._changing_members:
            await self._change_members(members)

    async def _change_members(self, members: Mapping[str, str]) -> None:
        there = await self._fallback_members()
        for interface, device in there.items():
            if members.get(interface) != device:
                await self._link.action("QueueRemove", Queue=FALLBACK_QUEUE, Interface=interface)
        for interface, device in members.items():
            if there.get(interface) != device:
                await self._link.action(
                    "QueueAdd", Queue=FALLBACK_QUEUE, Interface=interface, StateInterface=device
                )

    async def get_variable(self, channel: str, name: str) -> str | None:
        """A channel variable's value, None when it is empty or the channel is gone."""
        try:
            reply = await self._link.action("Getvar", Channel=channel, Variable=name)
        except AmiRefused as refused:
            if _is_gone(refused):
                return None
            raise
        return reply.get("Value") or None

    async def set_variables(self, channel: str, variables: Mapping[str, str]) -> None:
        """Set channel variables, in their order. AmiRefused when the channel is gone."""
        for name, value in variables.items():
            await self._link.action("Setvar", Channel=channel, Variable=name, Value=value)

    async def hold(self, channel: str) -> None:
        """Let a caller hear music within their talk. AmiRefused when the channel is gone."""
        await self.set_variables(channel, {"HOTLINE_HELD": "1"})
        await self.receive_key(channel, HOLD_KEY)

    async def take_back(self, channel: str) -> None:
        """End such music. AmiRefused when the channel is gone."""
        await self.set_variables(channel, {"HOTLINE_HELD": "0"})

    async def set_aside(self, channel: str) -> None:
        """Let the citizen of a call that staff placed hear music within the talk. ``channel`` is
        the call's own. AmiRefused when it is gone."""
        await self.set_variables(channel, {ASIDE: "agent"})
        await self.receive_key(channel, ASIDE_KEY)

    async def bring_back(self, channel: str) -> None:
        """End such music. AmiRefused when the channel is gone."""
        await self.set_variables(channel, {ASIDE: ""})

    async def legs(self, channel: str) -> tuple[str, str] | None:
        """Of a call that staff placed, whose own channel is ``channel``: the citizen's leg and
        staff's, while the two talk; None when they do not."""
        citizen = await self.get_variable(channel, "BRIDGEPEER")
        staff = await self.get_variable(f"{channel};2", "BRIDGEPEER")
        return (citizen, staff) if citizen and staff else None

    async def bring(self, channel: str, citizen: str, staff: str, number: str) -> bool:
        """Make the citizen of a call that staff placed a caller of ours: both legs leave the
        call's own channel at once and are joined again. False when one of them is gone."""
        await self.set_variables(channel, {"HOTLINE_BROUGHT": "1"})
        await self.set_variables(citizen, {"HOTLINE_CITIZEN": number, "HOTLINE_STAFF": staff})
        await self.set_variables(staff, {"HOTLINE_LEG": citizen})
        # Staff's first: the far half waits a moment for how their leg ended.
        both = {"Channel": staff, "ExtraChannel": citizen}
        there = {"Context": f"{BROUGHT}-staff", "Exten": "s", "Priority": 1}
        extra = {"ExtraContext": BROUGHT, "ExtraExten": "s", "ExtraPriority": 1}
        moved = await self._on_living("Redirect", **both, **there, **extra)
        if not moved:
            await self.set_variables(channel, {"HOTLINE_BROUGHT": ""})
        return moved

    async def goes_on(self, channel: str) -> None:
        """Let a caller go on with a colleague whom the agent left them with. AmiRefused when the
        channel is gone."""
        await self.set_variables(channel, {"HOTLINE_HELD": "0", "HOTLINE_CAUSE": ""})

    async def let_go(self, channel: str, agent_channel: str) -> None:
        """Hang the agent's leg up, from whom the caller goes on to a queue. AmiRefused when the
        caller's channel is gone."""
        await self.set_variables(channel, {"HOTLINE_TALKED": "0"})
        await self.hang_up(agent_channel)

    async def part_third(self, channel: str) -> bool:
        """Tell a third that whoever asked them was cut off, and hang up; False when it is gone."""
        return await self.redirect(channel, "hotline-third", "parted")

    async def receive_key(self, channel: str, key: str) -> None:
        """Let a channel take ``key`` as if its phone had sent it. AmiRefused when it is gone."""
        await self._link.action("PlayDTMF", Channel=channel, Digit=key, Receive="true")

    async def _fallback_members(self) -> dict[str, str]:
        events = await self._link.command_list("QueueStatus", Queue=FALLBACK_QUEUE)
        return {
            event.get("Location"): event.get("StateInterface")
            for event in events
            if event.name == "QueueMember"
        }

    async def _on_living(self, name: str, **fields: object) -> bool:
        try:
            await self._link.action(name, **fields)
        except AmiRefused as refused:
            if _is_gone(refused):
                return False
            raise
        return True


def _is_gone(refused: AmiRefused) -> bool:
    return str(refused).lower().startswith(_GONE)


def _escaped(value: str) -> str:
    return _SPECIAL.sub(r"\\\1", value)
