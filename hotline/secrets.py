"""What nobody may know: AMI's secret, and the key from which the phones' passwords come.

Made once, kept in ``secrets.json`` of the data folder, readable by its owner only.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from hotline.config import Config, ConfigError

FILE = "secrets.json"
# Where in the PBX's own database the passwords of web phones lie.
PHONE_FAMILY = "hotline"
_PASSWORD_DIGITS = 24


@dataclass(frozen=True, slots=True)
class Secrets:
    """``ami``: AMI's secret; ``key``: what the phones' passwords are derived from."""

    ami: str
    key: str

    def __repr__(self) -> str:
        return "Secrets(…)"


def load_or_make(config: Config) -> Secrets:
    """The installation's secrets; made at the first start. ``pbx.ami_secret`` wins over ours.

    Raises :class:`~hotline.config.ConfigError` when the file is there and cannot be used: new
    secrets would lock out every registered phone.
    """
    path = config.hotline.data_dir / FILE
    kept = _read(path) if path.exists() else _make(path)
    return Secrets(config.pbx.ami_secret or kept.ami, kept.key)


def sip_password(key: str, extension: str) -> str:
    """The password with which the desk phone of ``extension`` registers."""
    digest = hmac.digest(key.encode(), f"sip:{extension}".encode(), "sha256")
    return digest.hex()[:_PASSWORD_DIGITS]


def desk_phone_password(config: Config, extension: str) -> str:
    """The password of a desk phone of this installation. Raises as :func:`load_or_make`."""
    return sip_password(load_or_make(config).key, extension)


def _read(path: Path) -> Secrets:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return Secrets(str(raw["ami"]), str(raw["key"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{path}: cannot be used ({error!r}); restore it from a backup, or remove it to have "
            "new secrets made (every phone then needs its new password)"
        ) from error


def _make(path: Path) -> Secrets:
    made = Secrets(ami=secrets.token_hex(16), key=secrets.token_hex(32))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".fresh")
        fresh.unlink(missing_ok=True)
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(made), file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from error
    return made
