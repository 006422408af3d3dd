"""What an account may be: pure checks, each with its fault."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

from hotline.storage.records import storable

ROLES = ("agent", "callback", "dispatcher", "checker", "unit", "supervisor", "admin")
# Whoever talks with citizens needs a phone to do it.
ROLES_WITH_PHONE = frozenset({"agent", "callback"})
SHORTEST_PASSWORD = 10
# What the login form takes.
LONGEST_PASSWORD = 256

LONGEST_UNIT_ID = 32

_USER_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


class UserFault(ValueError):
    """An account cannot be so: ``field`` names what is wrong, ``key`` says how (for the
    screens), the message says it in English with the way out."""

    def __init__(self, field: str, key: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.key = key


@dataclass(frozen=True, slots=True)
class Profile:
    """What an administrator says of somebody; ``extension`` is None for no phone, ``unit_id`` the
    handling unit that somebody of the role ``unit`` works for."""

    name: str
    role: str
    extension: str | None = None
    unit_id: str = ""


DEMO_PROFILES = {
    "agent1": Profile("张敏", "agent", "1001"),
    "agent2": Profile("李强", "agent", "1002"),
    "agent3": Profile("王芳", "agent", "1003"),
    "callback1": Profile("陈静", "callback", "2001"),
    "dispatcher1": Profile("周立", "dispatcher"),
    "checker1": Profile("吴洁", "checker"),
    "unit1": Profile("郑工", "unit", unit_id="D01"),
    "supervisor": Profile("赵主任", "supervisor", "2002"),
    "admin": Profile("系统管理员", "admin"),
}


def check_user_id(user_id: str) -> None:
    """Raise :class:`UserFault` unless this can be a login name."""
    if not _USER_ID.fullmatch(user_id):
        raise UserFault(
            "user_id",
            "user_id",
            f"{user_id!r} cannot be a login name: up to 32 of a-z, 0-9, '.', '_', '-', "
            "beginning with a letter or digit",
        )


def check_password(password: str) -> None:
    """Raise :class:`UserFault` unless this can be a password."""
    if len(password) < SHORTEST_PASSWORD:
        raise UserFault(
            "password",
            "password_short",
            f"a password has at least {SHORTEST_PASSWORD} characters",
        )
    if len(password) > LONGEST_PASSWORD:
        raise UserFault(
            "password", "password_long", f"a password has at most {LONGEST_PASSWORD} characters"
        )


def checked(profile: Profile, extensions: Container[str]) -> Profile:
    """The profile without stray spaces; ``extensions`` are the phones that there are.

    Raises :class:`UserFault`.
    """
    name = storable(profile.name).strip()
    if not name or len(name) > 64:
        raise UserFault("name", "user_name", "a name has 1 to 64 characters")
    if profile.role not in ROLES:
        raise UserFault("role", "role", f"a role is one of {', '.join(ROLES)}")
    extension = (profile.extension or "").strip() or None
    if extension is None and profile.role in ROLES_WITH_PHONE:
        raise UserFault(
            "extension", "extension_missing", f"the role {profile.role} needs an extension"
        )
    if extension is not None and extension not in extensions:
        raise UserFault(
            "extension",
            "extension_unknown",
            f"{extension!r} is no extension of this PBX; see pbx.extensions in hotline.toml",
        )
    return Profile(name, profile.role, extension, _unit_id(profile))


def _unit_id(profile: Profile) -> str:
    if profile.role != "unit":
        return ""
    unit_id = str(storable(profile.unit_id)).strip()
    if not unit_id:
        raise UserFault("unit_id", "unit_missing", "the role unit needs the unit's id (--unit)")
    if len(unit_id) > LONGEST_UNIT_ID:
        raise UserFault(
            "unit_id", "too_long", f"a unit's id has at most {LONGEST_UNIT_ID} characters"
        )
    return unit_id
