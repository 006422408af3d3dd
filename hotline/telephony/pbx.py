"""What the calls layer asks of a PBX, in its own words.

Every method raises ``AmiLost`` when the outcome is unknown (the next snapshot tells) and
``AmiRefused`` when Asterisk said no.
"""

from __future__ import annotations

from collections.abc import Mapping

from hotline.telephony.ami import AmiLink

FALLBACK_QUEUE = "hotline-fallback"


class Pbx:
    """One Asterisk, through its AMI link."""

    def __init__(self, link: AmiLink) -> None:
        self._link = link

    async def hang_up(self, channel: str) -> bool:
        """Hang a channel up; False when it was already gone."""
        raise NotImplementedError

    async def redirect(self, channel: str, context: str, extension: str = "s") -> bool:
        """Send a channel to ``context``, ``extension``, 1; False when it is gone."""
        raise NotImplementedError

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

        Returns when Asterisk has queued it. ``channel_id`` becomes the channel's unique id, so
        that a lost answer can be reconciled. Variables with a leading ``__`` are inherited.
        """
        raise NotImplementedError

    async def set_fallback_members(self, members: Mapping[str, str]) -> None:
        """Make the fallback queue's members equal to ``members``: interface (``PJSIP/1001``)
        to the device whose state tells whether it is free (often the same)."""
        raise NotImplementedError

    async def get_variable(self, channel: str, name: str) -> str | None:
        """A channel variable's value, None when it is empty or the channel is gone."""
        raise NotImplementedError

    async def set_variables(self, channel: str, variables: Mapping[str, str]) -> None:
        """Set channel variables, in their order. AmiRefused when the channel is gone."""
        raise NotImplementedError
