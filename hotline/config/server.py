"""The hotline as a whole and the server it runs on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from hotline.config.base import Port, Section


class HotlineSection(Section):
    """The hotline as a whole."""

    number: str = Field("12319", pattern=r"^\d{3,15}$", description="The number citizens dial.")
    name: str = Field("12319 城市管理服务热线", description="The hotline's name on the screens.")
    language: Literal["zh", "en"] = Field("zh", description="The screens' first language.")
    timezone: str = Field("Asia/Shanghai", description="The city's time zone.")
    area_code: str = Field(
        "",
        pattern=r"^(0\d{2,3})?$",
        description="The city's area code: landlines with and without it may be the same.",
    )
    demo: bool = Field(
        False, description="Demo logins and demo data. Refuses to listen beyond loopback."
    )
    data_dir: Path = Field(Path("var"), description="Database, secrets, logs, PBX files.")
    spare_controller: bool = Field(
        True,
        description="Keep a loaded controller waiting, which takes over at once when one dies.",
    )

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no time zone is called {value!r}") from error
        return value


class WebSection(Section):
    """The pages."""

    host: str = Field("127.0.0.1", description="Where the pages listen.")
    port: Port = Field(12319, description="The pages' port.")
    secure_cookies: bool = Field(
        False, description="Set it when the pages are behind HTTPS: cookies then need HTTPS."
    )
    session_hours: Annotated[float, Field(gt=0, le=168)] = Field(
        12, description="How long a login lasts without use."
    )
    metrics_open: bool = Field(
        False, description="Whether /metrics answers other machines than this one."
    )


class DatabaseSection(Section):
    """Where facts are kept."""

    url: str = Field("", description="postgresql+asyncpg://…; empty: SQLite in data_dir.")


class ReplaySection(Section):
    """What the routing engine was given, kept so that its decisions can be made again."""

    keep_days: Annotated[float, Field(ge=0, le=3660)] = Field(
        92, description="How long it is kept; 0: for ever. The journal itself is never cut."
    )


class LogSection(Section):
    """Logs."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much.")
    format: Literal["json", "console"] = Field("json", description="How each line is written.")
