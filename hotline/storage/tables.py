"""Every table. Alembic's migrations make them; a test holds the two together.

Instants are Unix seconds (float) in UTC: one unit from the wire to the page, and the same in
SQLite and PostgreSQL. Text a citizen spoke or an agent typed is never truncated.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# SQLite counts up only INTEGER primary keys; PostgreSQL's journal outgrows 32 bits.
Sequence = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """The root of the tables; constraints have predictable names in both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class JournalRow(Base):
    """One event. Append-only: triggers refuse UPDATE and DELETE in both databases."""

    __tablename__ = "journal"
    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    at: Mapped[float] = mapped_column(Float, index=True)
    kind: Mapped[str] = mapped_column(String(40))
    call_id: Mapped[str | None] = mapped_column(String(64), index=True)
    agent_id: Mapped[str | None] = mapped_column(String(64), index=True)
    case_number: Mapped[str | None] = mapped_column(String(20), index=True)
    data: Mapped[dict[str, object]] = mapped_column(JSON)


class CallRow(Base):
    """One call: a projection of the journal, rebuilt by ``hotline db rebuild``.

    ``offer_id`` is the newest offer (living while the stage is ``offered``), ``agent_id`` the
    agent it was offered to or who took it. ``answered_at`` is the first answer.
    """

    __tablename__ = "calls"
    # The journal's last record that this row has taken in: none is applied twice.
    seq: Mapped[int] = mapped_column(BigInteger)
    call_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    node: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(128))
    called: Mapped[str] = mapped_column(String(80))
    calling: Mapped[str] = mapped_column(String(80))
    calling_name: Mapped[str] = mapped_column(Text, default="")
    # arriving, waiting, offered, talking, rating, reporting or ended
    stage: Mapped[str] = mapped_column(String(20))
    arrived_at: Mapped[float] = mapped_column(Float, index=True)
    queue: Mapped[str | None] = mapped_column(String(32))
    queued_at: Mapped[float | None] = mapped_column(Float)
    priority: Mapped[int] = mapped_column(Integer, default=0)
    # Why it has its priority, as hotline.callers.model writes reasons; None: it never waited.
    reasons: Mapped[list[str] | None] = mapped_column(JSON)
    # Who is asked first for it and why, empty for nobody; None: it never waited, or was never told.
    first_agent: Mapped[str | None] = mapped_column(String(64))
    first_why: Mapped[str | None] = mapped_column(String(32))
    agent_id: Mapped[str | None] = mapped_column(String(64), index=True)
    offer_id: Mapped[str | None] = mapped_column(String(80))
    answered_at: Mapped[float | None] = mapped_column(Float)
    talk_ended_at: Mapped[float | None] = mapped_column(Float)
    abandoned_at: Mapped[float | None] = mapped_column(Float)
    ended_at: Mapped[float | None] = mapped_column(Float, index=True)
    ended_by: Mapped[str | None] = mapped_column(String(16))
    rating: Mapped[int | None] = mapped_column(Integer)
    recording: Mapped[str | None] = mapped_column(Text)
    recording_seconds: Mapped[float | None] = mapped_column(Float)
    recording_fault: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (Index("ix_calls_calling_arrived_at", "calling", "arrived_at"),)


class ReportRow(Base):
    """A spoken report: a projection of the journal."""

    __tablename__ = "reports"
    report_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    call_id: Mapped[str] = mapped_column(String(64), index=True)
    path: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[float] = mapped_column(Float)
    recorded_at: Mapped[float | None] = mapped_column(Float)
    seconds: Mapped[float | None] = mapped_column(Float)
    ended_by: Mapped[str | None] = mapped_column(String(16))
    # recording, waiting (for a recogniser), transcribed, failed, empty
    state: Mapped[str] = mapped_column(String(16), index=True)
    text: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[float | None] = mapped_column(Float)
    model: Mapped[str | None] = mapped_column(String(80))
    fault: Mapped[str | None] = mapped_column(Text)


class PresenceRow(Base):
    """The last state of each agent: a projection, so that wrap-up, pause and what the agent
    asked to become next survive restarts."""

    __tablename__ = "presence"
    agent_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(32), default="")
    since: Mapped[float] = mapped_column(Float)
    until: Mapped[float | None] = mapped_column(Float)
    call_id: Mapped[str] = mapped_column(String(64), default="")
    next_state: Mapped[str] = mapped_column(String(16), default="")
    next_reason: Mapped[str] = mapped_column(String(32), default="")
    next_until: Mapped[float | None] = mapped_column(Float)


class UserRow(Base):
    """Somebody who logs in. ``user_id`` is also the agent's id in the journal."""

    __tablename__ = "users"
    user_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    # agent, callback, dispatcher, checker, unit, supervisor or admin
    role: Mapped[str] = mapped_column(String(16))
    # The handling unit that somebody of the role ``unit`` works for.
    unit_id: Mapped[str] = mapped_column(String(32), default="", server_default=text("''"))
    extension: Mapped[str | None] = mapped_column(String(8), unique=True)
    password_hash: Mapped[str] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(5))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    # Made by demo mode with a well-known password: locked out when the demo is off.
    demo: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[float] = mapped_column(Float)


class SessionRow(Base):
    """A login. Only the token's SHA-256 is kept."""

    __tablename__ = "sessions"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.user_id"), index=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[float] = mapped_column(Float)
    used_at: Mapped[float] = mapped_column(Float)


class DraftRow(Base):
    """What an agent has typed into a call's form and not yet saved: survives F5 and crashes."""

    __tablename__ = "drafts"
    call_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    form: Mapped[dict[str, object]] = mapped_column(JSON)
    saved_at: Mapped[float] = mapped_column(Float)
    # Counted by the page that typed it, and which one that was: hotline.web.drafts.
    revision: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    page: Mapped[str] = mapped_column(String(32), default="", server_default=text("''"))


# The states in which a case has ended; whatever a city adds stands before them.
ENDED = frozenset({"closed", "not_filed", "void"})
# Which cases still want work, as the index of open cases names them: a query uses that index only
# when it says so in these words.
OPEN = "state NOT IN ('closed', 'not_filed', 'void')"
SUPERVISED = "supervision > 0"
_OPEN_COLUMNS = (
    "state", "unit_id", "owner", "district", "street", "community", "grid", "category_code",
    "kind", "urgency", "source", "supervision", "suspended_at", "handle_due_at", "close_due_at",
    "opened_at", "case_number",
)  # fmt: skip


class CaseRow(Base):
    """A case. ``version`` guards against two people overwriting each other."""

    __tablename__ = "cases"
    case_number: Mapped[str] = mapped_column(String(20), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer, default=1)
    # One of hotline.registry.model.SOURCES
    source: Mapped[str] = mapped_column(String(20))
    call_id: Mapped[str | None] = mapped_column(String(64))
    report_id: Mapped[str | None] = mapped_column(String(80), unique=True)
    # consult, help, complaint, report, suggestion or praise (咨询 求助 投诉 举报 建议 表扬);
    # empty while nobody has judged a spoken report
    kind: Mapped[str] = mapped_column(String(16))
    # normal, urgent or critical (一般 紧急 特急)
    urgency: Mapped[str] = mapped_column(String(16), default="normal")
    standard: Mapped[str | None] = mapped_column(String(32))
    category_code: Mapped[str | None] = mapped_column(String(16))
    category_name: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text, default="")
    description: Mapped[str] = mapped_column(Text, default="")
    happened: Mapped[str] = mapped_column(Text, default="")
    caller_name: Mapped[str] = mapped_column(Text, default="")
    caller_phone: Mapped[str] = mapped_column(String(32), default="", index=True)
    # male or female, empty for unknown
    caller_sex: Mapped[str] = mapped_column(String(8), default="", server_default=text("''"))
    # What the citizen expects to hear (期望答复), in their words.
    expected_reply: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    anonymous: Mapped[bool] = mapped_column(Boolean, default=False)
    callback_wanted: Mapped[bool] = mapped_column(Boolean, default=True)
    # The unit that answers for the case (the lead when several work on it), by its name and by
    # its id; the id is empty for a name that is in no list.
    unit: Mapped[str] = mapped_column(Text, default="")
    unit_id: Mapped[str] = mapped_column(String(32), default="", server_default=text("''"))
    # The one person who answers for it from filing to result (三专).
    owner: Mapped[str] = mapped_column(String(64), default="", server_default=text("''"))
    confidential: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    # The revision of the city's own classes that was in force when the category was chosen.
    taxonomy_revision: Mapped[int | None] = mapped_column(Integer)
    # The filing condition (立案条件), a key of the city's table of time limits.
    condition: Mapped[str] = mapped_column(String(64), default="", server_default=text("''"))
    component_code: Mapped[str] = mapped_column(String(24), default="", server_default=text("''"))
    road: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    landmark: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    # WGS 84 degrees; both None while nobody knows the point.
    longitude: Mapped[float | None] = mapped_column(Float)
    latitude: Mapped[float | None] = mapped_column(Float)
    # Ids of places (hotline.registry.places), empty while unknown.
    grid: Mapped[str] = mapped_column(String(24), default="", server_default=text("''"))
    duty_grid: Mapped[str] = mapped_column(String(24), default="", server_default=text("''"))
    community: Mapped[str] = mapped_column(String(24), default="", server_default=text("''"))
    street: Mapped[str] = mapped_column(String(24), default="", server_default=text("''"))
    district: Mapped[str] = mapped_column(String(24), default="", server_default=text("''"))
    opened_by: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[float] = mapped_column(Float, index=True)
    changed_by: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[float] = mapped_column(Float)
    # When the case last became filed, dispatched, reported as handled, and closed.
    filed_at: Mapped[float | None] = mapped_column(Float)
    dispatched_at: Mapped[float | None] = mapped_column(Float)
    handled_at: Mapped[float | None] = mapped_column(Float)
    closed_at: Mapped[float | None] = mapped_column(Float)
    # Until when it should be handled (处置) and closed in all; None: no limit is known, or the
    # clock stands still (挂账).
    handle_due_at: Mapped[float | None] = mapped_column(Float)
    close_due_at: Mapped[float | None] = mapped_column(Float)
    suspended_at: Mapped[float | None] = mapped_column(Float)
    # How often units sent it back (回退), work failed the check (返工), its limit was extended
    # (延期) and somebody urged it (催办); the level of supervision (督办), 0 for none.
    returns: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    reworks: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    extensions: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    urgings: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    supervision: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    forced: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    # How many citizens reported this matter, and the case that it was merged into.
    reports: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    merged_into: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
    __table_args__ = (
        Index("ix_cases_state_opened_at", "state", "opened_at"),
        Index("ix_cases_state_handle_due_at", "state", "handle_due_at"),
        Index("ix_cases_unit_id_state", "unit_id", "state"),
        Index("ix_cases_category_code_opened_at", "category_code", "opened_at"),
        Index("ix_cases_standard_category_code", "standard", "category_code"),
        Index("ix_cases_closed_at", "closed_at"),
        Index("ix_cases_street_opened_at", "street", "opened_at"),
        Index("ix_cases_grid_opened_at", "grid", "opened_at"),
        Index("ix_cases_owner_opened_at", "owner", "opened_at"),
        Index("ix_cases_unit_id_opened_at", "unit_id", "opened_at"),
        Index("ix_cases_source_opened_at", "source", "opened_at"),
        Index("ix_cases_opened_by_opened_at", "opened_by", "opened_at"),
        Index("ix_cases_changed_at", "changed_at"),
        # Whatever a list or the map of open cases asks for, without looking at the cases.
        Index(
            "ix_cases_open",
            *_OPEN_COLUMNS,
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
        Index(
            "ix_cases_supervised",
            "opened_at",
            sqlite_where=text(SUPERVISED),
            postgresql_where=text(SUPERVISED),
        ),
        Index("ix_cases_call_id", "call_id"),
        Index("ix_cases_caller_name", "caller_name"),
        Index("ix_cases_merged_into", "merged_into"),
        Index(
            "uq_cases_form_of_call",
            "call_id",
            unique=True,
            sqlite_where=text("report_id IS NULL"),
            postgresql_where=text("report_id IS NULL"),
        ),
    )


class CaseNumberRow(Base):
    """The last case number given out on a day of the city."""

    __tablename__ = "case_numbers"
    day: Mapped[str] = mapped_column(String(8), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class CallbackTaskRow(Base):
    """A citizen to be asked whether the matter was solved; one open task a case.

    A done task that has no ``reached`` was withdrawn: the case had been opened again.
    """

    __tablename__ = "callback_tasks"
    task_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_number: Mapped[str] = mapped_column(ForeignKey("cases.case_number"), index=True)
    phone: Mapped[str] = mapped_column(String(32))
    # open, dialling (staff's own phone rings), connecting (the citizen is dialled), ringing
    # (their phone rings), talking, asked (talk over, answers due) or done
    state: Mapped[str] = mapped_column(String(16), index=True)
    due_at: Mapped[float] = mapped_column(Float, index=True)
    created_at: Mapped[float] = mapped_column(Float)
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    # Every dialling counts an attempt; only those that rang the citizen in vain are unreached.
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    unreached: Mapped[int] = mapped_column(Integer, default=0)
    call_id: Mapped[str | None] = mapped_column(String(64), index=True)
    last_outcome: Mapped[str | None] = mapped_column(String(20))
    reached: Mapped[bool | None] = mapped_column(Boolean)
    solved: Mapped[bool | None] = mapped_column(Boolean)
    satisfaction: Mapped[int | None] = mapped_column(Integer)
    why_not: Mapped[str] = mapped_column(Text, default="")
    recording: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[float | None] = mapped_column(Float)
    __table_args__ = (
        Index(
            "uq_callback_tasks_open_of_case",
            "case_number",
            unique=True,
            sqlite_where=text("state <> 'done'"),
            postgresql_where=text("state <> 'done'"),
        ),
    )


class RevealRow(Base):
    """Who looked at a citizen's full number, of what, when and why."""

    __tablename__ = "reveals"
    reveal_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    user_id: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[float] = mapped_column(Float)


# The tables of single rooms; imported last, since they need what stands above.
from hotline.storage import (  # noqa: E402
    tables_attachments,  # noqa: F401
    tables_calendar,  # noqa: F401
    tables_callers,  # noqa: F401
    tables_clocks,  # noqa: F401
    tables_exchange,  # noqa: F401
    tables_filters,  # noqa: F401
    tables_flows,  # noqa: F401
    tables_help,  # noqa: F401
    tables_judging,  # noqa: F401
    tables_knowledge,  # noqa: F401
    tables_life,  # noqa: F401
    tables_messages,  # noqa: F401
    tables_phones,  # noqa: F401
    tables_places,  # noqa: F401
    tables_pop,  # noqa: F401
    tables_privacy,  # noqa: F401
    tables_replay,  # noqa: F401
    tables_routing,  # noqa: F401
    tables_search,  # noqa: F401
    tables_states,  # noqa: F401
    tables_storm,  # noqa: F401
    tables_taxonomy,  # noqa: F401
    tables_transfers,  # noqa: F401
    tables_waits,  # noqa: F401
)
