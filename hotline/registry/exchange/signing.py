"""Who speaks: every message, in and out, carries a signature made with a secret that both know.

The secrets stand nowhere: they are derived from the installation's key (``secrets.json``), the
peer's name and a generation, as the phones' passwords are. So a copy of the database gives none
away, and a new generation replaces one. Pure.
"""

from __future__ import annotations

import hashlib
import hmac
import re

KEY = "X-Hotline-Key"
TIMESTAMP = "X-Hotline-Timestamp"
SIGNATURE = "X-Hotline-Signature"
IDEMPOTENCY = "Idempotency-Key"
# How far the two clocks may differ.
WINDOW_S = 300.0
# How long the former secret is taken beside a new one.
GRACE_S = 7 * 86_400.0

_KEY_ID = re.compile(r"([a-z0-9][a-z0-9_-]{0,31})\.(\d{1,6})")
_SCHEME = "sha256="


def secret_of(installation_key: str, peer_id: str, generation: int) -> str:
    """The secret shared with a peer: 64 hexadecimal digits."""
    what = f"exchange:{peer_id}:{generation}"
    return hmac.digest(installation_key.encode(), what.encode(), "sha256").hex()


def key_id(peer_id: str, generation: int) -> str:
    """What names a secret without giving it away, such as ``12345.1``."""
    return f"{peer_id}.{generation}"


def read_key_id(text: str) -> tuple[str, int] | None:
    """The peer and the generation that a key id names; None when it is none."""
    found = _KEY_ID.fullmatch(text)
    return (found[1], int(found[2])) if found else None


def signature(
    secret: str, timestamp: str, *, method: str, target: str, idempotency: str, body: bytes
) -> str:
    """The value of the header ``X-Hotline-Signature``.

    ``target`` is the path with its query, as it stands in the request; ``idempotency`` is empty
    where there is none.
    """
    head = "\n".join((timestamp, method.upper(), target, idempotency, ""))
    digest = hmac.new(secret.encode(), head.encode() + body, hashlib.sha256)
    return _SCHEME + digest.hexdigest()


def same(given: str, expected: str) -> bool:
    """Whether two signatures are the same, told in a time that gives nothing away."""
    return hmac.compare_digest(given.encode(), expected.encode())


def in_time(timestamp: str, now: float) -> bool:
    """Whether a message was signed just now, by the sender's clock."""
    if not re.fullmatch(r"\d{1,12}", timestamp):
        return False
    return abs(now - int(timestamp)) <= WINDOW_S
