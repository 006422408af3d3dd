"""Asterisk, and what is heard and said through it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from hotline.config.base import Port, Seconds, Section


class PbxSection(Section):
    """Asterisk, and how we speak with it."""

    mode: Literal["managed", "external"] = Field(
        "managed", description="managed: we run Asterisk; external: use the one at ami_host."
    )
    node: str = Field("pbx1", pattern=r"^[a-z0-9]{1,16}$", description="This PBX's name.")
    asterisk: str = Field(
        "", description="The asterisk program; empty: one >= 20 on the PATH, else the obtained one."
    )
    ami_host: str = Field("127.0.0.1", description="Where AMI is.")
    ami_port: Port = Field(5038, description="AMI's port.")
    ami_user: str = Field("hotline", pattern=r"^[\w-]{1,32}$", description="AMI's user.")
    ami_secret: str = Field(
        "", description="AMI's secret; empty: made at set-up, kept in data_dir."
    )
    agi_host: str = Field("127.0.0.1", description="Where the controller listens for FastAGI.")
    agi_port: Port = Field(4573, description="FastAGI's port.")
    audio_host: str = Field(
        "127.0.0.1", description="Where the controller listens for what callers say (AudioSocket)."
    )
    audio_port: Port = Field(4574, description="AudioSocket's port.")
    sip_host: str = Field("127.0.0.1", description="Where SIP over UDP listens (managed).")
    sip_port: Port = Field(5060, description="SIP's port (managed).")
    ws_host: str = Field("127.0.0.1", description="Where the softphone's WebSocket listens.")
    ws_port: Port = Field(8088, description="The softphone's WebSocket port.")
    ws_url: str = Field(
        "",
        pattern=r"^(wss?://[\w.:\[\]-]+(/[\w./-]*)?)?$",
        description="That WebSocket as browsers reach it; empty: ws_host and ws_port.",
    )
    rtp_start: Port = Field(16000, description="First RTP port (managed).")
    rtp_end: Port = Field(17999, description="Last RTP port (managed).")
    trunk: str = Field(
        "",
        pattern=r"^(sip:[\w.:\[\]-]+)?$",
        description="Where calls to citizens go, as sip:host:port; empty: none can be placed.",
    )
    extensions: list[str] = Field(
        ["1001-1010", "2001-2005"], description="The agents' phones: numbers or ranges."
    )
    lease_seconds: Annotated[float, Field(ge=5, le=120)] = Field(
        15, description="A caller is never held longer by a controller that stopped answering."
    )

    @field_validator("extensions")
    @classmethod
    def _ranges(cls, value: list[str]) -> list[str]:
        for item in value:
            first, _, last = item.partition("-")
            if not re.fullmatch(r"\d{3,6}", first) or not re.fullmatch(r"(\d{3,6})?", last):
                raise ValueError(f"{item!r} is neither an extension (1001) nor a range (1001-1010)")
            if last and not 0 <= int(last) - int(first) < 2000:
                raise ValueError(f"the range {item!r} is empty or over 2000 long")
        return value

    def extension_numbers(self) -> list[str]:
        """Every extension, ranges written out."""
        numbers: list[str] = []
        for item in self.extensions:
            first, _, last = item.partition("-")
            numbers += [str(n).zfill(len(first)) for n in range(int(first), int(last or first) + 1)]
        return list(dict.fromkeys(numbers))


class RecordingSection(Section):
    """Recordings."""

    dir: Path = Field(Path("recordings"), description="Where talks and reports are recorded.")
    min_free_mb: Annotated[int, Field(ge=0)] = Field(
        500, description="Below this much free disk the doctor and the screens warn."
    )


class SpeechSection(Section):
    """From speech to text."""

    model: str = Field(
        "",
        description="A Vosk model's folder, or demo (synthetic voices only); empty: reports wait.",
    )
    language: Literal["zh", "en"] = Field("zh", description="The language that the model knows.")
    menus: bool = Field(
        False, description="Whether menus take words as well as keys, in the model's language."
    )
    workers: Annotated[int, Field(ge=1, le=16)] = Field(1, description="Recogniser processes.")
    timeout_seconds: Seconds = Field(
        300, description="A recogniser that takes longer for one report is restarted."
    )


class PromptsSection(Section):
    """What callers are told."""

    voice: Literal["espeak", "command"] = Field(
        "espeak", description="Who speaks the prompts: espeak, or command: a program of yours."
    )
    voice_command: list[str] = Field(
        [],
        description="That program, run without a shell: it reads {text_file} and writes {wav}; "
        "{language} is zh or en.",
    )
    voice_seconds: Seconds = Field(
        30, description="A voice program that takes longer for one text is ended."
    )

    @model_validator(mode="after")
    def _command_is_whole(self) -> PromptsSection:
        if self.voice == "espeak":
            return self
        arguments = " ".join(self.voice_command[1:])
        if "{text_file}" not in arguments or "{wav}" not in arguments:
            raise ValueError(
                'voice = "command" needs voice_command, the program and its arguments, with '
                "{text_file} and {wav} among them"
            )
        return self
