"""The whole file, read and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, model_validator

from hotline.config.base import ConfigError, Section, is_loopback
from hotline.config.calls import (
    CallbackSection,
    FlowsSection,
    HandoverSection,
    QueueSection,
    ReportSection,
)
from hotline.config.cases import ClocksSection, FormSection, RegistrySection
from hotline.config.outside import CrmSection, ExchangeSection, MessagesSection
from hotline.config.server import (
    DatabaseSection,
    HotlineSection,
    LogSection,
    ReplaySection,
    WebSection,
)
from hotline.config.telephony import PbxSection, PromptsSection, RecordingSection, SpeechSection


class Config(Section):
    """The whole file. Relative paths count from the file's folder."""

    hotline: HotlineSection = Field(default_factory=HotlineSection)
    web: WebSection = Field(default_factory=WebSection)
    pbx: PbxSection = Field(default_factory=PbxSection)
    database: DatabaseSection = Field(default_factory=DatabaseSection)
    queue: QueueSection = Field(default_factory=QueueSection)
    report: ReportSection = Field(default_factory=ReportSection)
    recording: RecordingSection = Field(default_factory=RecordingSection)
    speech: SpeechSection = Field(default_factory=SpeechSection)
    prompts: PromptsSection = Field(default_factory=PromptsSection)
    callback: CallbackSection = Field(default_factory=CallbackSection)
    handover: HandoverSection = Field(default_factory=HandoverSection)
    flows: FlowsSection = Field(default_factory=FlowsSection)
    messages: MessagesSection = Field(default_factory=MessagesSection)
    exchange: ExchangeSection = Field(default_factory=ExchangeSection)
    replay: ReplaySection = Field(default_factory=ReplaySection)
    clocks: ClocksSection = Field(default_factory=ClocksSection)
    registry: RegistrySection = Field(default_factory=RegistrySection)
    form: FormSection = Field(default_factory=FormSection)
    crm: CrmSection = Field(default_factory=CrmSection)
    log: LogSection = Field(default_factory=LogSection)

    @model_validator(mode="after")
    def _demo_stays_home(self) -> Config:
        if not self.hotline.demo:
            return self
        hosts = {"web.host": self.web.host, "pbx.agi_host": self.pbx.agi_host}
        if self.pbx.mode == "managed":
            hosts |= {"pbx.sip_host": self.pbx.sip_host, "pbx.ws_host": self.pbx.ws_host}
        for key, host in hosts.items():
            if not is_loopback(host):
                raise ValueError(
                    f"hotline.demo has well-known passwords, so {key} = {host!r} must be a "
                    "loopback address; turn demo off to listen beyond this machine"
                )
        return self

    @property
    def hears_callers(self) -> bool:
        """Whether anything listens to callers while they are on the line."""
        return self.speech.menus or self.report.quiet_seconds > 0

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return ZoneInfo(self.hotline.timezone)

    @property
    def database_url(self) -> str:
        """SQLAlchemy's URL, the default SQLite file included."""
        return self.database.url or f"sqlite+aiosqlite:///{self.hotline.data_dir / 'hotline.db'}"


def load(path: Path) -> Config:
    """Read and check ``hotline.toml``; relative paths are made absolute from its folder.

    Raises :class:`ConfigError` with one line per fault, each naming the key.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    try:
        config = Config.model_validate(raw)
    except ValidationError as error:
        raise ConfigError("\n".join(_fault(path, fault) for fault in error.errors())) from error
    config = _absolute(config, path.resolve().parent)
    _check_life(path, config.registry.life_file)
    return config


def _check_life(path: Path, file: Path | None) -> None:
    if file is None:
        return
    # Here: hardly any city has a life of its own, and the rest should start without this.
    from hotline.registry.life.check import checked  # noqa: PLC0415
    from hotline.registry.life.machine import BadMachine  # noqa: PLC0415

    try:
        checked(file)
    except OSError as error:
        raise ConfigError(f"{path}: registry.life: {file}: {error.strerror}") from error
    except BadMachine as error:
        raise ConfigError(f"{path}: registry.life:\n{error}") from error


def _fault(path: Path, fault: Mapping[str, Any]) -> str:
    key = ".".join(str(part) for part in fault["loc"]) or "the file"
    if fault["type"] == "extra_forbidden":
        return f"{path}: {key}: no such key; see the documented hotline.toml for those there are"
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"{path}: {key}: {message}" + ("" if fault["type"] == "missing" else _given(fault))


def _given(fault: Mapping[str, Any]) -> str:
    value = fault.get("input")
    return f" (given: {value!r})" if isinstance(value, str | int | float | bool) else ""


def _model(config: Config, base: Path) -> str:
    named = config.speech.model
    return named if named in ("", "demo") else str(base / named)


def _absolute(config: Config, base: Path) -> Config:
    return config.model_copy(
        update={
            "hotline": config.hotline.model_copy(
                update={"data_dir": base / config.hotline.data_dir}
            ),
            "recording": config.recording.model_copy(update={"dir": base / config.recording.dir}),
            "speech": config.speech.model_copy(update={"model": _model(config, base)}),
            "registry": config.registry.model_copy(
                update={"life": str(base / config.registry.life) if config.registry.life else ""}
            ),
        }
    )
