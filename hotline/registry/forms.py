"""The case form: what an agent may type. Faults are keys of messages, not text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from hotline.registry.model import BadForm
from hotline.storage.numbers import canonical, extension_of
from hotline.storage.records import storable

KINDS = ("consult", "help", "complaint", "report", "suggestion", "praise")
URGENCIES = ("normal", "urgent", "critical")
SEXES = ("male", "female")
AGENT_SOURCES = (
    "hotline",
    "12345",
    "110",
    "mayor_mailbox",
    "leader",
    "media",
    "community",
    "letter",
    "visit",
    "other",
)
"""What an agent may say a case comes from: not every call is a citizen's own, and a letter or a
visitor brings none."""
UNIT_LENGTH = 200
WHY_LENGTH = 5_000

REQUIRED, CHOICE, TOO_LONG = "form.required", "form.choice", "form.too_long"
PHONE, CATEGORY, UNKNOWN, WRONG = "form.phone", "form.category", "form.unknown", "form.wrong"
BY_DISPATCH = "form.by_dispatch"
MESSAGE_KEYS = (REQUIRED, CHOICE, TOO_LONG, PHONE, CATEGORY, UNKNOWN, WRONG, BY_DISPATCH)

_KEY_OF = {
    "missing": REQUIRED,
    "string_too_short": REQUIRED,
    "string_too_long": TOO_LONG,
    "literal_error": CHOICE,
    "extra_forbidden": UNKNOWN,
    PHONE: PHONE,
    CHOICE: CHOICE,
}
_DIALABLE = re.compile(r"\+?\d{3,20}")


class CaseForm(BaseModel):
    """What an agent typed.

    ``category`` is a key of the taxonomy, empty for none yet; ``happened`` says when, in the
    citizen's words, ``expected_reply`` what they expect to hear. ``source`` is one of
    :data:`AGENT_SOURCES`, empty for what it is anyway. ``caller_phone`` is the line to reach
    them by: None takes the one that the call came from, the empty text none at all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    kind: Literal["consult", "help", "complaint", "report", "suggestion", "praise"]
    urgency: Literal["normal", "urgent", "critical"] = "normal"
    category: Annotated[str, Field(max_length=16)] = ""
    address: Annotated[str, Field(max_length=500)] = ""
    description: Annotated[str, Field(min_length=1, max_length=20_000)]
    happened: Annotated[str, Field(max_length=2_000)] = ""
    caller_name: Annotated[str, Field(max_length=200)] = ""
    caller_phone: str | None = None
    caller_sex: Literal["", "male", "female"] = ""
    expected_reply: Annotated[str, Field(max_length=500)] = ""
    anonymous: bool = False
    confidential: bool = False
    callback_wanted: bool = True
    condition: Annotated[str, Field(max_length=64)] = ""
    component_code: Annotated[str, Field(max_length=24)] = ""
    road: Annotated[str, Field(max_length=200)] = ""
    landmark: Annotated[str, Field(max_length=200)] = ""
    longitude: Annotated[float | None, Field(ge=-180, le=180)] = None
    latitude: Annotated[float | None, Field(ge=-90, le=90)] = None
    unit: Annotated[str, Field(max_length=UNIT_LENGTH)] = ""
    source: Annotated[str, Field(max_length=20)] = ""

    @field_validator("source")
    @classmethod
    def _agents_own(cls, value: str) -> str:
        if value and value not in AGENT_SOURCES:
            raise PydanticCustomError(CHOICE, CHOICE)
        return value

    @field_validator("caller_phone")
    @classmethod
    def _dialable(cls, value: str | None) -> str | None:
        if not value:
            return value
        number = canonical(value)
        if not dialable(number):
            raise PydanticCustomError(PHONE, PHONE)
        return number


def dialable(number: str) -> bool:
    """Whether a number in its canonical form can be called back."""
    return _DIALABLE.fullmatch(number) is not None


def read_form(typed: Mapping[str, Any]) -> CaseForm:
    """The form that was typed. Raises :class:`BadForm` with every faulty field."""
    try:
        form = CaseForm.model_validate(storable(dict(typed)))
    except ValidationError as error:
        faults = {str(fault["loc"][0]): _key_of(fault) for fault in error.errors()}
        raise BadForm(faults) from error
    said = with_extension(form.description, str(typed.get("caller_phone") or ""))
    return form.model_copy(update={"description": said})


def with_extension(text: str, phone: str) -> str:
    """``text`` with the extension of the number that was typed, if it has one: a line is found by
    its number alone, and who rings it needs the rest."""
    extension = extension_of(phone)
    said = f"（电话转 {extension}）"
    return text if not extension or said in text else f"{text}{said}"


def _key_of(fault: ErrorDetails) -> str:
    if fault["input"] in ("", None):
        return REQUIRED
    return _KEY_OF.get(fault["type"], WRONG)


def read_why(typed: str) -> str:
    """A reason as it is kept. Raises :class:`BadForm` for one that is too long."""
    return _read_line("why", typed, WHY_LENGTH)


def read_unit(typed: str) -> str:
    """A handling unit's name as it is kept. Raises :class:`BadForm` for one that is too long."""
    return _read_line("unit", typed, UNIT_LENGTH)


def _read_line(field: str, typed: str, longest: int) -> str:
    kept = str(storable(typed)).strip()
    if len(kept) > longest:
        raise BadForm({field: TOO_LONG})
    return kept
