"""Ask every described route whatever its description allows, and hold the answers against it.

``python -m tests.openapi`` does it long, as everybody; it ends with 1 when an answer was other
than described.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hotline import log
from hotline.config import LogSection
from tests.exchange import signed
from tests.unit.web.house import PEOPLE
from tests.unit.web.served import Served, served

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# Streams without an end, and what would end the login that asks.
LEFT_OUT = frozenset({"/api/openapi.json"})


@dataclass(frozen=True)
class Finding:
    """What an answer has that its description has not."""

    who: str
    operation: str
    status: int
    told: str


def explore(
    house: Served, users: Sequence[str], examples: int, *, each: bool = True, only: str = ""
) -> Iterator[Finding]:
    """Ask each operation as each of the users to whom it is open, so many examples; with ``each``
    off as one of them in turn."""
    schema, turn = schemathesis.openapi.from_dict(house.document), 0
    with requests.Session() as session:
        for result in schema.get_all_operations():
            operation: Any = result
            operation = operation.ok()
            if operation.path in LEFT_OUT or only not in operation.path:
                continue
            raw = house.document["paths"][operation.path][operation.method]
            roles = raw.get("x-roles")
            may = [one for one in users if roles is None or PEOPLE[one][1].value in roles]
            turn += 1
            for user_id in may if each else may[turn % len(may) :][:1]:
                yield from _ask(house, session, operation, user_id, examples)


def _ask(
    house: Served, session: requests.Session, operation: Any, user_id: str, examples: int
) -> list[Finding]:
    found: dict[tuple[int, str], Finding] = {}

    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Case[Any]) -> None:
        _aim(house, case)
        response = _send(house, session, case, user_id)
        try:
            case.validate_response(response, checks=CHECKS)
        except* Exception as group:
            for fault in group.exceptions:
                lines = str(fault).splitlines()
                key = (response.status_code, lines[0])
                body = response.text[:300]
                told = f"{lines} {body} <- {case.path_parameters} {case.query} {case.body!r:.300}"
                found[key] = Finding(user_id, operation.label, response.status_code, told)

    ask()
    return list(found.values())


def _aim(house: Served, case: Case[Any]) -> None:
    """Let every other case name things that are there."""
    there = {
        "number": house.case_number,
        "case_number": house.case_number,
        "peer_id": "12345",
        "external_id": "W1",
        "user_id": "agent1",
        "agent_id": "agent1",
    }
    given_ = case.path_parameters or {}
    for name in given_:
        if name in there and len(str(given_[name])) % 2:
            given_[name] = there[name]


def _send(house: Served, session: requests.Session, case: Case[Any], user_id: str) -> Any:
    headers = dict(house.headers(user_id))
    if not case.operation.path.startswith("/exchange/v1/"):
        return case.call(base_url=house.url, session=session, headers=headers, timeout=20)
    raw = case.as_transport_kwargs(base_url=house.url)
    request = session.prepare_request(
        requests.Request(raw["method"], raw["url"], json=raw.get("json"), data=raw.get("data"))
    )
    parts = urlsplit(str(request.url))
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    content: Any = request.body or b""
    body = content if isinstance(content, bytes) else content.encode()
    key = "" if case.method == "GET" else json.dumps(case.body, default=str)[:100] or "k"
    key = "".join(one if one.isascii() and one.isprintable() else "." for one in key).strip()
    signature = signed(
        house.secret, "12345.1", house.now, method=case.method, target=target, key=key, body=body
    )
    return case.call(base_url=house.url, session=session, headers=signature, timeout=20)


def main() -> int:
    """Ask, tell what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.openapi", description=__doc__)
    parser.add_argument("--examples", type=int, default=20, help="of each operation and person")
    options = parser.parse_args()
    log.set_up(LogSection(level="error", format="json"))
    found = 0
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as house:
        for finding in explore(house, list(PEOPLE), options.examples):
            found += 1
            print(finding, flush=True)
    print(f"{found} answers were other than described", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
