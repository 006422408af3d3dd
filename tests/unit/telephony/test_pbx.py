"""What is asked of a PBX, told to a link that only remembers it."""

from __future__ import annotations

from typing import cast

from hotline.telephony.ami import AmiLink, AmiReply
from hotline.telephony.pbx import Pbx

CALLER = "PJSIP/citizens-00000001"


class Remembers:
    """A link whose Asterisk knows one variable of each channel."""

    def __init__(self, variables: dict[str, str]) -> None:
        self.asked: list[str] = []
        self._variables = variables

    async def action(self, name: str, **fields: object) -> AmiReply:
        self.asked.append(name)
        return AmiReply({"Value": self._variables.get(str(fields.get("Variable")), "")})


async def fetched(talked: str, name: str = "HOTLINE_TALKED") -> tuple[bool, list[str]]:
    link = Remembers({name: talked})
    return await Pbx(cast("AmiLink", link)).fetch_back(CALLER), link.asked


async def test_a_caller_who_waits_in_the_dialplan_is_fetched_back() -> None:
    assert await fetched("0") == (True, ["Getvar", "Getvar", "Redirect"])


async def test_nobody_is_fetched_whom_an_agent_has_just_answered() -> None:
    assert await fetched("1") == (False, ["Getvar"])
    # Whom we rang is told of it in another way.
    assert await fetched("1", "SHARED(HOTLINE_TALKED)") == (False, ["Getvar", "Getvar"])
