"""One file, ``hotline.toml``, validated; every key has its meaning and default here.

The documented file in the repository's root is held to these models by a test.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, time
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class ConfigError(ValueError):
    """``hotline.toml`` cannot be used; the message names the key and how to mend it."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HotlineSection(_Section):
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


class WebSection(_Section):
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


class PbxSection(_Section):
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


class DatabaseSection(_Section):
    """Where facts are kept."""

    url: str = Field("", description="postgresql+asyncpg://…; empty: SQLite in data_dir.")


class QueueSection(_Section):
    """The queue, and what agents are given."""

    name: str = Field("hotline", pattern=r"^[a-z0-9_-]{1,32}$", description="The queue's name.")
    ring_seconds: Seconds = Field(20, description="How long an agent's phone rings at an offer.")
    wrap_up_seconds: Annotated[float, Field(ge=0, le=3600)] = Field(
        30, description="Wrap-up after a talk; the agent may end it sooner."
    )
    wrap_up_extra_seconds: Annotated[float, Field(ge=0, le=3600)] = Field(
        120, description="By how much in all an agent may extend one wrap-up."
    )
    away_seconds: Annotated[float, Field(ge=0, le=3600)] = Field(
        120, description="Who is on duty with no page open for so long is away; 0: never."
    )
    overflow_seconds: Seconds = Field(
        90, description="Nobody took the call within this time: a spoken report is asked for."
    )
    miss_pause_seconds: Seconds = Field(
        60, description="An agent who missed an offer is paused this long, then ready again."
    )
    open: str = Field(
        "00:00-24:00",
        pattern=r"^\d\d:\d\d-\d\d:\d\d$",
        description="Duty hours, every day, until a supervisor saves others on the calendar page.",
    )
    report_key: str = Field(
        "2", pattern=r"^[0-9*]?$", description="The key that leaves a report while waiting."
    )
    keep_places: bool = Field(
        True, description="Whether a waiting caller may press 1, hang up and be rung back in turn."
    )
    first_agent_days: Annotated[float, Field(ge=0, le=365)] = Field(
        7,
        description="Asked first: who handles the number's open case, or talked within so many "
        "days; 0: nobody.",
    )
    first_agent_seconds: Annotated[float, Field(ge=0, le=600)] = Field(
        6, description="So long (half of overflow_seconds at most) a call is theirs alone."
    )

    @field_validator("open")
    @classmethod
    def _hours(cls, value: str) -> str:
        for part in value.split("-"):
            if part != "24:00":
                time.fromisoformat(part)
        return value


class ReportSection(_Section):
    """Spoken reports."""

    max_seconds: Annotated[int, Field(ge=10, le=1800)] = Field(
        180, description="Longest spoken report."
    )
    silence_seconds: Annotated[int, Field(ge=2, le=60)] = Field(
        6, description="Silence that ends a report."
    )
    min_seconds: Annotated[float, Field(ge=0, le=10)] = Field(
        0.7, description="Shorter ones are kept as empty: the citizen said nothing."
    )
    quiet_seconds: Annotated[float, Field(ge=0, le=30)] = Field(
        4, description="Who speaks too quietly for so long is asked once to speak up; 0: never."
    )
    blended_skill: str = Field(
        "",
        max_length=32,
        description="Agents with this skill of the routing plan are shown reports to verify "
        "between calls; empty: none are.",
    )


class RecordingSection(_Section):
    """Recordings."""

    dir: Path = Field(Path("recordings"), description="Where talks and reports are recorded.")
    min_free_mb: Annotated[int, Field(ge=0)] = Field(
        500, description="Below this much free disk the doctor and the screens warn."
    )


class SpeechSection(_Section):
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


class PromptsSection(_Section):
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


class CallbackSection(_Section):
    """Calling citizens back."""

    due_hours: Annotated[float, Field(ge=0, le=720)] = Field(
        0, description="A callback is due this long after closing."
    )
    ring_seconds: Seconds = Field(30, description="How long staff's and citizen's phones ring.")
    attempts: Annotated[int, Field(ge=1, le=10)] = Field(
        3, description="A citizen who was rung so often in vain counts as unreached."
    )
    retry_hours: Annotated[float, Field(gt=0, le=720)] = Field(
        24, description="When a citizen who was not reached is due again."
    )
    blended_skill: str = Field(
        "",
        max_length=32,
        description="Agents with this skill of the routing plan are shown due callbacks between "
        "calls; empty: none are.",
    )


class HandoverTarget(_Section):
    """A service that callers can be handed over to."""

    code: str = Field(pattern=r"^[a-z0-9_-]{1,32}$", description="What flows call it by.")
    zh: str = Field(min_length=1, max_length=40, description="Its name in Chinese.")
    en: str = Field(min_length=1, max_length=40, description="Its name in English.")
    number: str = Field(pattern=r"^\d{3,15}$", description="What is dialled.")
    where: Literal["trunk", "extension"] = Field(
        "trunk", description="Behind the trunk, or one of our own extensions."
    )
    emergency: bool = Field(False, description="Life and safety: the agent stays on the line.")


def _usual_targets() -> list[HandoverTarget]:
    names = {
        "110": ("110 报警", "110 Police"),
        "119": ("119 火警", "119 Fire"),
        "120": ("120 急救", "120 Ambulance"),
        "122": ("122 交通事故", "122 Traffic accidents"),
        "12345": ("12345 政务服务", "12345 Government services"),
    }
    return [
        HandoverTarget(code=code, zh=zh, en=en, number=code, emergency=len(code) == 3)
        for code, (zh, en) in names.items()
    ]


class HandoverSection(_Section):
    """Handing callers over to other services."""

    ring_seconds: Seconds = Field(30, description="How long another service's phone rings.")
    targets: list[HandoverTarget] = Field(
        default_factory=_usual_targets,
        max_length=60,
        description="Where callers can be handed over to, in the order agents see.",
    )

    @field_validator("targets")
    @classmethod
    def _codes_differ(cls, value: list[HandoverTarget]) -> list[HandoverTarget]:
        seen: set[str] = set()
        for target in value:
            if target.code in seen:
                raise ValueError(f"two targets have the code {target.code!r}")
            seen.add(target.code)
        return value


class FlowsSection(_Section):
    """What callers are led through."""

    webhook_hosts: list[str] = Field(
        [], description="Hosts (or host:port) that a flow's webhook may ask; none by default."
    )


class MessagesSection(_Section):
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


class ExchangeSection(_Section):
    """Cases exchanged with other systems; who they are is kept on the page ``/exchange``."""

    local_hosts: list[str] = Field(
        [],
        description="Hosts on this machine or link that may be sent to, by name or number; "
        "none by default.",
    )
    import_rows: int = Field(
        20_000, ge=1, le=100_000, description="The most rows of a file of tickets."
    )


class ReplaySection(_Section):
    """What the routing engine was given, kept so that its decisions can be made again."""

    keep_days: Annotated[float, Field(ge=0, le=3660)] = Field(
        92, description="How long it is kept; 0: for ever. The journal itself is never cut."
    )


class RegistrySection(_Section):
    """The cases."""

    standard: Literal["cjt-214-2007", "gbt-30428.2-2013", "gbt-47678.5-2026"] = Field(
        "gbt-30428.2-2013",
        description="The classes that new cases are given; older cases keep theirs.",
    )
    attachment_mb: int = Field(
        20, ge=1, le=500, description="The largest photo, document or sound of a case, in MB."
    )
    similar_metres: float = Field(
        50, gt=0, le=5000, description="How near two cases of a class may be one matter, in metres."
    )
    similar_hours: float = Field(
        24, gt=0, le=8760, description="How soon after each other they may be one, in hours."
    )
    matter_reports: int = Field(
        3, ge=2, description="So many reports of one class at one place should be one case."
    )
    sample_city: bool = Field(
        True, description="In the demo: load a made-up city when there are no places yet."
    )
    life: str = Field(
        "",
        description="A city's own life of a case: a file as hotline life check wants it; "
        "empty: the shipped one.",
    )

    @property
    def life_file(self) -> Path | None:
        """That file; None for the shipped life."""
        return Path(self.life) if self.life else None


Kind = Literal["consult", "help", "complaint", "report", "suggestion", "praise"]
Demandable = Literal[
    "category",
    "address",
    "happened",
    "caller_name",
    "caller_phone",
    "caller_sex",
    "expected_reply",
]


class FormSection(_Section):
    """The form that agents fill in."""

    required: dict[Kind, list[Demandable]] = Field(
        {"complaint": ["address"], "report": ["address"]},
        description="What a case of each kind must say beside its kind and its description.",
    )


class CrmSection(_Section):
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
        host, _, rest = self.url.partition("://")[2].partition("/")
        if "{" in host:
            raise ValueError("crm.url: the host is fixed, places stand behind it")
        known = {"number": "", "called": "", "call_id": "", "case_number": "", "agent": ""}
        try:
            rest.format(**known)
        except (KeyError, IndexError, ValueError):
            raise ValueError(f"crm.url has no places but {', '.join(known)}") from None
        return self


class ClocksSection(_Section):
    """The working calendar that time limits count by, and when their clocks speak up."""

    hours: str = Field(
        "08:00-12:00 14:00-18:00",
        description="Working hours of each working day; none goes past midnight.",
    )
    official_holidays: bool = Field(
        True, description="Whether the State Council's holidays and swapped working days count."
    )
    holidays: list[date] = Field([], description="More days off, such as [2026-10-08].")
    workdays: list[date] = Field([], description="More working days, whatever they are else.")
    warn_share: Annotated[float, Field(ge=0, le=1)] = Field(
        0.8, description="Warn when so much of a limit is used up; 1: not by share."
    )
    warn_hours: Annotated[float, Field(ge=0, le=240)] = Field(
        1, description="Warn when so many working hours are left, if that is earlier; 0: never."
    )
    escalate_hours: list[Annotated[float, Field(ge=0, le=2400)]] = Field(
        [0, 4, 8],
        max_length=3,
        description="Working hours after a missed limit at which the unit, the dispatchers and "
        "the supervisors are told, each once.",
    )

    @field_validator("hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        # Here: the doctor reads the configuration, and shares nothing else with the controller.
        from hotline.calendar.hours import DAY_MINUTES, BadHours, read_day  # noqa: PLC0415

        try:
            spans = read_day(value)
        except BadHours as fault:
            raise ValueError("write hours such as 08:00-12:00 14:00-18:00") from fault
        if not spans or any(span.end > DAY_MINUTES for span in spans):
            raise ValueError("at least one span, and none past midnight")
        return value

    @model_validator(mode="after")
    def _each_day_once(self) -> ClocksSection:
        both = set(self.holidays) & set(self.workdays)
        if both:
            raise ValueError(f"{min(both)} is under holidays and under workdays")
        if self.escalate_hours != sorted(self.escalate_hours):
            raise ValueError("escalate_hours rise from one to the next")
        return self


class LogSection(_Section):
    """Logs."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much.")
    format: Literal["json", "console"] = Field("json", description="How each line is written.")


class Config(_Section):
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


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a socket bound to ``host``."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


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
