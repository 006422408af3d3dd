"""Whether an Asterisk that is not ours can be used."""

from __future__ import annotations

import asyncio

from hotline.config import PbxSection
from hotline.up.faults import SetupFault

_ANSWER_S = 5.0


async def check_ami(pbx: PbxSection, secret: str) -> None:
    """Log in at AMI once. Raises :class:`SetupFault` with what is wrong."""
    where = f"pbx.ami_host, pbx.ami_port: {pbx.ami_host}:{pbx.ami_port}"
    try:
        async with asyncio.timeout(_ANSWER_S):
            banner, answer = await _log_in(pbx, secret)
    except TimeoutError as error:
        raise SetupFault(f"{where} does not answer within {_ANSWER_S:g} s") from error
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or "the connection was closed"
        raise SetupFault(f"{where} cannot be reached: {reason}") from error
    if not banner.startswith("Asterisk Call Manager"):
        raise SetupFault(f"{where} is no AMI: it says {banner[:40]!r}")
    if answer != "Response: Success":
        raise SetupFault(
            f"AMI refuses the user {pbx.ami_user!r}: give it pbx.ami_secret there, or include "
            "our manager.conf (var/pbx/etc)"
        )


async def _log_in(pbx: PbxSection, secret: str) -> tuple[str, str]:
    reader, writer = await asyncio.open_connection(pbx.ami_host, pbx.ami_port)
    try:
        banner = await reader.readline()
        if not banner:
            raise EOFError
        login = f"Action: Login\r\nUsername: {pbx.ami_user}\r\nSecret: {secret}\r\nEvents: off\r\n"
        writer.write(f"{login}\r\n".encode())
        answer = await reader.readline()
    finally:
        writer.close()
    return banner.decode(errors="replace").strip(), answer.decode(errors="replace").strip()
