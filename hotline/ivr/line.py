"""A caller's line during one visit: playing, music, the lease, the hand-over to the dialplan."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from hotline.clock import Clock
from hotline.telephony.ami import AmiLost, AmiRefused
from hotline.telephony.pbx import Pbx
from hotline.telephony.session import AgiFault, AgiSession

log = structlog.get_logger(__name__)

MUSIC = "hotline"
# The dialplan's own patience at the beginning of a visit, and what we leave unused of a lease.
FIRST_LEASE_S = 6.0
SPARE_S = 2.5
# Of AGI's 2,046 bytes a line, with room for the command and for what is quoted.
RUN_LIMIT = 1900
# No key of ours: it only makes Asterisk stop what it plays.
SILENCER = "D"


@dataclass(frozen=True, slots=True)
class Clip:
    """A file to play, without its suffix, and how long it is."""

    path: str
    seconds: float


def playable(paths: Sequence[str]) -> list[str]:
    """``paths`` joined as Asterisk's players take them, in as few runs as AGI's lines can carry:
    a number read digit by digit names many files, and the folder may be deep."""
    runs: list[str] = []
    for path in paths:
        joined = f"{runs[-1]}&{path}" if runs else path
        if runs and len(joined.encode()) <= RUN_LIMIT:
            runs[-1] = joined
        else:
            runs.append(path)
    return runs


class Line:
    """One AGI session, held by a lease: a controller that stops answering loses the caller to
    the dialplan's own path when the lease ends."""

    def __init__(self, session: AgiSession, pbx: Pbx, clock: Clock, lease_s: float) -> None:
        self.session = session
        self._pbx = pbx
        self._clock = clock
        self._lease_s = lease_s
        self._leased_until = clock.now() + FIRST_LEASE_S
        self._music = False
        self._playing = 0
        self._hushed = False

    @property
    def renew_at(self) -> float:
        """When the lease is to be renewed while nothing is played."""
        return self._leased_until - SPARE_S

    @property
    def playing(self) -> bool:
        """Whether a prompt holds the session."""
        return self._playing > 0

    async def renew(self) -> None:
        """Hold the caller for another lease."""
        await self._hold(0.0)

    async def play(self, clips: Sequence[Clip], *, interruptible: bool) -> str:
        """Say ``clips`` to their end, or, when ``interruptible``, to the first key: the key that
        cut them short, else nothing.

        Raises :class:`~hotline.telephony.session.CallerHungUp`.
        """
        if not clips:
            return ""
        seconds = sum(clip.seconds for clip in clips)
        self._playing += 1
        self._hushed = False
        try:
            if self._clock.now() + seconds > self._leased_until - SPARE_S:
                await self._hold(seconds)
            for files in playable([clip.path for clip in clips]):
                key = await self._play_files(files, interruptible)
                if key or self._hushed:
                    return key
            return ""
        except AgiFault as fault:
            # A caller who hears nothing can still press a key, or be led on by silence.
            log.error("ivr.not_played", why=str(fault))
            return ""
        finally:
            self._playing -= 1

    async def _play_files(self, files: str, interruptible: bool) -> str:
        application = "BackGround" if interruptible else "Playback"
        result = await self.session.run_application(application, files)
        return chr(int(result)) if interruptible and result.isdecimal() and result != "0" else ""

    async def hush(self) -> None:
        """Stop what is played."""
        if not self.playing:
            return
        self._hushed = True
        with suppress(AmiLost, AmiRefused):
            await self._pbx.receive_key(self.session.channel, SILENCER)

    async def music(self, on: bool) -> None:
        """Play music while nothing else is played, or stop it."""
        if on == self._music:
            return
        self._music = on
        if on:
            await self.session.music_on(MUSIC)
        else:
            await self.session.music_off()

    async def remember(self, **variables: object) -> None:
        """Set channel variables: what the dialplan is to know after this visit."""
        for name, value in variables.items():
            await self.session.set_variable(name, value)

    async def hand_over(self, verb: str, **variables: object) -> None:
        """Tell the dialplan what to do when the visit ends.

        While a prompt plays the session is busy, so AMI sets the variables and closing the
        session cuts the prompt: a ready agent's phone does not wait for a prompt to end.
        """
        values = {**variables, "HOTLINE_NEXT": verb}
        if self.playing:
            with suppress(AmiLost, AmiRefused):
                await self._pbx.set_variables(
                    self.session.channel, {name: str(v) for name, v in values.items()}
                )
        else:
            await self.remember(**values)

    async def _hold(self, extra_s: float) -> None:
        held = self._lease_s + extra_s
        self._leased_until = self._clock.now() + held
        await self.session.set_variable("TIMEOUT(absolute)", f"{held:.0f}")
