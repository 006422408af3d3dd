"""Other programs: text messages, cases exchanged, what is opened or told for a call."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, model_validator

from hotline.config.base import Section, is_loopback


class MessagesSection(Section):
    """Text messages to citizens, by a gateway of the city's."""

    url: str = Field(
        "",
        pattern=r"^(https?://[^\s]{1,300})?$",
        description="Where messages are handed over, by POST; empty: none is sent.",
    )
    check_url: str = Field(
        "",
        pattern=r"^(https?://[^\s]{0,200}\{id\}[^\s]{0,100})?$",
        description="Where to ask what became of a message, with {id} in it; empty: nowhere.",
    )
    secret: str = Field("", description="What requests are signed with (HMAC-SHA256).")
    deadline_seconds: Annotated[float, Field(gt=0, le=60)] = Field(
        5, description="How long the gateway may take for one request."
    )
    text: str = Field(
        "【{name}】您反映的问题已登记，案件编号 {case_number}，可凭编号和手机号后四位查询进度。",
        max_length=300,
        description="The message about a case, with {name} and {case_number} in it.",
    )

    @model_validator(mode="after")
    def _safe_and_whole(self) -> MessagesSection:
        if self.url and len(self.secret) < 16:
            raise ValueError("a gateway needs messages.secret, of 16 characters or more")
        for url in (self.url, self.check_url):
            host = re.match(r"http://(\[[^\]]+\]|[^/:]+)", url)
            if host and not is_loopback(host[1].strip("[]")):
                raise ValueError(f"{url}: citizens' numbers go over https only")
        if "{case_number}" not in self.text or _unfilled(self.text):
            raise ValueError("messages.text needs {case_number}, and has no places but {name}")
        return self


def _unfilled(text: str) -> bool:
    try:
        text.format(name="", case_number="")
    except (KeyError, IndexError, ValueError):
        return True
    return False


class ExchangeSection(Section):
    """Cases exchanged with other systems; who they are is kept on the page ``/exchange``."""

    local_hosts: list[str] = Field(
        [],
        description="Hosts on this machine or link that may be sent to, by name or number; "
        "none by default.",
    )
    import_rows: int = Field(
        20_000, ge=1, le=100_000, description="The most rows of a file of tickets."
    )


_PLACES = ("number", "called", "call_id", "case_number", "agent")
PLACE = re.compile(rf"\{{({'|'.join(_PLACES)})\}}")
"""A place in ``crm.url`` for something of the call."""


class CrmSection(Section):
    """Another program that is opened for a call, and what other systems are told of calls."""

    url: str = Field(
        "",
        pattern=r"^(https?://[^\s]{1,500})?$",
        description="A page of another program, opened by the agent's key, with {number}, "
        "{called}, {call_id}, {case_number} or {agent} in it; empty: none.",
    )
    tell_numbers: bool = Field(
        False, description="Whether news of calls hold the caller's number in full, not masked."
    )

    @model_validator(mode="after")
    def _whole(self) -> CrmSection:
        host = re.split(r"[/?#\\]", self.url.partition("://")[2], maxsplit=1)[0]
        if "{" in host:
            raise ValueError("crm.url: the host is fixed, places stand behind it")
        if re.search("[{}]", PLACE.sub("", self.url)):
            raise ValueError(f"crm.url has no places but {', '.join(_PLACES)}")
        return self
