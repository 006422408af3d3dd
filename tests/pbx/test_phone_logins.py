"""A web phone's password is of one login, and opens nothing else, in a real PBX."""

from __future__ import annotations

import asyncio
import hashlib
import re
import socket
import uuid

import pytest

from hotline.demo.desk import Desk
from tests.deadline import until
from tests.rawsip import NotAnswered, RawCaller
from tests.system import PASSWORD, HotlineSystem

_FIELD = re.compile(r'(\w+)="?([^",]+)"?')
WEB, DESK = "1003-web", "1003"


def md5(*words: str) -> str:
    return hashlib.md5(":".join(words).encode(), usedforsecurity=False).hexdigest()


class Registrar:
    """Asks the PBX to forget a phone that it does not know: it answers only who may register."""

    def __init__(self, port: int) -> None:
        self._uri = f"sip:127.0.0.1:{port}"
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(5)
        self._socket.connect(("127.0.0.1", port))
        self._here = "{}:{}".format(*self._socket.getsockname())

    def opens(self, user: str, password: str) -> bool:
        """Whether the password lets this phone in."""
        call = uuid.uuid4().hex
        challenge = self._ask(user, call, 1)
        assert challenge.startswith("SIP/2.0 401"), challenge
        line = next(x for x in challenge.splitlines() if x.startswith("WWW-Authenticate: Digest"))
        given = dict(_FIELD.findall(line))
        secret, asked = md5(user, given["realm"], password), md5("REGISTER", self._uri)
        response = md5(secret, given["nonce"], "00000001", call, "auth", asked)
        proof = (
            f'Authorization: Digest username="{user}", realm="{given["realm"]}", '
            f'nonce="{given["nonce"]}", uri="{self._uri}", response="{response}", '
            f'opaque="{given.get("opaque", "")}", qop=auth, nc=00000001, cnonce="{call}", '
            "algorithm=MD5\r\n"
        )
        return self._ask(user, call, 2, proof).startswith("SIP/2.0 200")

    def _ask(self, user: str, call: str, number: int, proof: str = "") -> str:
        address = f"<sip:{user}@127.0.0.1>"
        self._socket.send(
            (
                f"REGISTER {self._uri} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {self._here};branch=z9hG4bK{uuid.uuid4().hex};rport\r\n"
                f"From: {address};tag={call[:8]}\r\nTo: {address}\r\nCall-ID: {call}\r\n"
                f"CSeq: {number} REGISTER\r\nMax-Forwards: 70\r\nExpires: 0\r\n"
                f"Contact: <sip:{user}@{self._here}>\r\n{proof}Content-Length: 0\r\n\r\n"
            ).encode()
        )
        return self._socket.recv(4096).decode()

    def close(self) -> None:
        """Let the port go."""
        self._socket.close()


async def test_a_web_phones_password_ends_with_its_login(system: HotlineSystem) -> None:
    registrar = Registrar(system.config.pbx.sip_port)

    async def opens(user: str, password: str) -> bool:
        return await asyncio.to_thread(registrar.opens, user, password)

    async with Desk(system.url, "agent3", PASSWORD) as desk:
        first = await given(desk)
        assert await opens(WEB, first)
        second = await given(desk)
        assert await opens(WEB, second)
        assert not await opens(WEB, first)
        # It is no key to the desk phone of the same extension.
        assert not await opens(DESK, second)
        await desk.client.post("/logout")

    async def shut() -> bool:
        return not await opens(WEB, second)

    await until(shut, what="the password is taken back")

    def forgotten() -> bool:
        return not system.rows("SELECT * FROM phone_logins WHERE extension = '1003'")

    await until(forgotten, what="nothing is left of the login")
    registrar.close()


@pytest.mark.parametrize("dialled", ["self-test", "*43"])
async def test_citizens_cannot_reach_the_echo(system: HotlineSystem, dialled: str) -> None:
    with pytest.raises(NotAnswered):
        async with RawCaller(system.config.pbx.sip_port, dialled, "<sip:citizen@127.0.0.1>"):
            pass


async def given(desk: Desk) -> str:
    """A new password for the phone of whoever is at ``desk``."""
    return str((await desk.get("/api/phone"))["password"])
