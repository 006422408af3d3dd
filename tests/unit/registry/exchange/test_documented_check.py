"""The receiver's check that ``docs/exchange.md`` shows does what it says."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from hotline.registry.exchange import signing
from tests.system import PROJECT

SECRET = "5e" * 32
NOW = 1_795_132_800
PATH, BODY = "/hooks/12319?from=hotline", b'{"event": "call_offered"}'


@pytest.fixture
def shown(tmp_path: Path) -> dict[str, Any]:
    text = (PROJECT / "docs" / "exchange.md").read_text(encoding="utf-8")
    (block,) = (b for b in re.findall(r"```python\n(.*?)```", text, re.S) if "def is_genuine" in b)
    script = tmp_path / "check.py"
    script.write_text(block, encoding="utf-8")
    names = runpy.run_path(str(script))
    names["SECRETS"]["12345.1"] = SECRET
    return names


def signed(at: int = NOW) -> dict[str, str]:
    made = signing.signature(
        SECRET, str(at), method="POST", target=PATH, idempotency="call-7", body=BODY
    )
    return {
        signing.KEY: "12345.1",
        signing.TIMESTAMP: str(at),
        signing.IDEMPOTENCY: "call-7",
        signing.SIGNATURE: made,
    }


def test_what_was_sent_is_taken_and_whatever_was_changed_is_not(shown: dict[str, Any]) -> None:
    genuine = shown["is_genuine"]
    assert genuine(PATH, signed(), BODY, NOW + 200)
    assert not genuine(PATH, signed(), BODY + b" ", NOW)
    assert not genuine("/other", signed(), BODY, NOW)
    for name, value in ((signing.IDEMPOTENCY, "call-8"), (signing.KEY, "12345.2")):
        assert not genuine(PATH, signed() | {name: value}, BODY, NOW)
    assert not genuine(PATH, {}, BODY, NOW)


def test_what_is_played_back_is_too_old_or_known(shown: dict[str, Any]) -> None:
    assert not shown["is_genuine"](PATH, signed(), BODY, NOW + 301)
    assert shown["is_new"](signed())
    assert not shown["is_new"](signed(NOW + 10))
