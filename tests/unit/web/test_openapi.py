"""The described interface is the one that answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.openapi import explore
from tests.unit.web.house import PEOPLE
from tests.unit.web.served import Served, served
from tests.unit.web.test_access import ANYONE, PEERS, TABLE


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served")) as house:
        yield house


USERS = [name for name in PEOPLE if name != "agent2"]


def test_no_answer_is_other_than_described(standing: Served) -> None:
    """Each operation as one of those who may; ``make soak`` asks more, as everybody."""
    assert list(explore(standing, USERS, examples=2, each=False)) == []


def test_every_route_of_the_interface_is_described_with_its_roles(standing: Served) -> None:
    described = {
        (method.upper(), path): operation.get("x-roles")
        for path, operations in standing.document["paths"].items()
        for method, operation in operations.items()
    }
    inside = {key: roles for key, roles in TABLE.items() if key[1].startswith("/api/")}
    assert {key: frozenset(described[key]) for key in inside if inside[key] != ANYONE} == {
        key: roles for key, roles in inside.items() if roles != ANYONE
    }
    peers = {key for key, roles in TABLE.items() if roles == PEERS}
    assert peers <= described.keys()
    assert not [key for key in described if not key[1].startswith(("/api/", "/exchange/v1/"))]
