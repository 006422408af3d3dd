from __future__ import annotations

import time

import pytest
from argon2 import PasswordHasher

from hotline.demo.accounts import DEMO_PASSWORD
from hotline.storage.database import Database
from hotline.storage.profiles import Profile, UserFault
from hotline.storage.tables import SessionRow, UserRow
from hotline.storage.users import NoSuchUser, Users
from hotline.web import ports
from tests.databases import HandClock

PASSWORD = "一匹正确的马battery"
EXTENSIONS = ("1001", "1002", "1003", "2001", "2002")
AGENT = Profile("张敏", "agent", "1001")
ADMIN = Profile("系统管理员", "admin")


def quick(rounds: int = 1) -> PasswordHasher:
    return PasswordHasher(time_cost=rounds, memory_cost=64, parallelism=1)


@pytest.fixture
def users(database: Database, clock: HandClock) -> Users:
    return made(database, clock)


def made(database: Database, clock: HandClock, demo: bool = False, rounds: int = 1) -> Users:
    return Users(database, clock, extensions=EXTENSIONS, demo=demo, hasher=quick(rounds))


async def logged_in(database: Database, user_id: str) -> None:
    async with database.writing() as session:
        session.add(
            SessionRow(
                token_hash=f"hash of {user_id}",
                user_id=user_id,
                csrf_token="",
                created_at=0.0,
                used_at=0.0,
            )
        )


async def open_sessions(database: Database, user_id: str) -> bool:
    async with database.session() as session:
        return await session.get(SessionRow, f"hash of {user_id}") is not None


def as_the_web_sees_it(users: Users) -> ports.Users:
    return users


async def test_the_right_password_opens_an_account_and_a_wrong_one_does_not(users: Users) -> None:
    await users.add("agent1", AGENT, PASSWORD)
    assert await users.authenticate("agent1", PASSWORD) == ports.Account(
        "agent1", "张敏", "agent", "1001", None
    )
    assert await users.authenticate("agent1", PASSWORD + " ") is None
    assert await users.authenticate("agent1", "") is None


@pytest.mark.parametrize("user_id", ["nobody", "", "\x00", "\ud83d", "x" * 64])
async def test_an_unknown_name_opens_nothing(users: Users, user_id: str) -> None:
    assert await users.authenticate(user_id, "\ud83d any \x00 password") is None


async def test_an_unknown_name_takes_as_long_as_a_known_one(
    database: Database, clock: HandClock
) -> None:
    users = Users(
        database,
        clock,
        extensions=EXTENSIONS,
        hasher=PasswordHasher(time_cost=2, memory_cost=32768, parallelism=1),
    )
    await users.add("agent1", AGENT, PASSWORD)

    async def cpu_of(user_id: str) -> float:
        # CPU of this process, not the wall clock: the machine may be busy with something else.
        began = time.process_time()
        await users.authenticate(user_id, "a wrong password")
        return time.process_time() - began

    unknown = min([await cpu_of("nobody") for _ in range(5)])
    known = min([await cpu_of("agent1") for _ in range(5)])
    assert 0.6 < unknown / known < 1.6


async def test_a_password_is_never_kept(users: Users) -> None:
    user = await users.add("agent1", AGENT, PASSWORD)
    assert user.password_hash.startswith("$argon2id$")
    assert PASSWORD not in user.password_hash


async def test_a_login_renews_a_hash_made_with_older_parameters(
    users: Users, database: Database, clock: HandClock
) -> None:
    old = await users.add("agent1", AGENT, PASSWORD)
    stronger = made(database, clock, rounds=2)
    assert await stronger.authenticate("agent1", PASSWORD) is not None
    new = await users.get("agent1")
    assert new is not None
    assert new.password_hash != old.password_hash
    assert "t=2" in new.password_hash
    assert await stronger.authenticate("agent1", PASSWORD) is not None


async def test_a_closed_account_opens_nothing_and_frees_its_phone(
    users: Users, database: Database
) -> None:
    await users.add("agent1", AGENT, PASSWORD)
    await logged_in(database, "agent1")
    await users.deactivate("agent1")
    assert await users.authenticate("agent1", PASSWORD) is None
    assert not await open_sessions(database, "agent1")
    await users.add("agent9", AGENT, PASSWORD)
    with pytest.raises(UserFault, match="belongs to 'agent9'"):
        await users.change("agent1", AGENT)
    await users.change("agent1", Profile("张敏", "agent", "1002"))
    assert await users.authenticate("agent1", PASSWORD) is not None


async def test_a_new_password_ends_the_old_ones_sessions(users: Users, database: Database) -> None:
    await users.add("agent1", AGENT, PASSWORD)
    await logged_in(database, "agent1")
    await users.set_password("agent1", "another password")
    assert not await open_sessions(database, "agent1")
    assert await users.authenticate("agent1", PASSWORD) is None
    assert await users.authenticate("agent1", "another password") is not None


async def test_a_new_role_ends_the_sessions_of_the_old_one(
    users: Users, database: Database
) -> None:
    await users.add("agent1", AGENT, PASSWORD)
    await logged_in(database, "agent1")
    await users.change("agent1", Profile("张 敏", "agent", "1001"))
    assert await open_sessions(database, "agent1")
    await users.change("agent1", Profile("张 敏", "supervisor"))
    assert not await open_sessions(database, "agent1")


@pytest.mark.parametrize(
    ("user_id", "profile", "password", "fault"),
    [
        ("Agent 1", AGENT, PASSWORD, ("user_id", "user_id")),
        ("", AGENT, PASSWORD, ("user_id", "user_id")),
        ("agent1", Profile(" ", "agent", "1001"), PASSWORD, ("name", "user_name")),
        ("agent1", Profile("张敏", "root", "1001"), PASSWORD, ("role", "role")),
        ("agent1", Profile("张敏", "agent"), PASSWORD, ("extension", "extension_missing")),
        ("unit9", Profile("郑工", "unit", unit_id=" "), PASSWORD, ("unit_id", "unit_missing")),
        ("agent1", Profile("张敏", "callback", " "), PASSWORD, ("extension", "extension_missing")),
        ("agent1", Profile("张敏", "agent", "9999"), PASSWORD, ("extension", "extension_unknown")),
        ("agent1", AGENT, "123456789", ("password", "password_short")),
        ("agent1", AGENT, DEMO_PASSWORD, ("password", "password_short")),
        ("agent1", AGENT, "x" * 257, ("password", "password_long")),
    ],
)
async def test_an_account_that_cannot_be_is_refused_with_the_field_at_fault(
    users: Users, user_id: str, profile: Profile, password: str, fault: tuple[str, str]
) -> None:
    with pytest.raises(UserFault) as refused:
        await users.add(user_id, profile, password)
    assert (refused.value.field, refused.value.key) == fault
    assert list(await users.everybody()) == []


async def test_a_name_or_phone_that_is_taken_is_refused(users: Users) -> None:
    await users.add("agent1", AGENT, PASSWORD)
    with pytest.raises(UserFault, match="taken"):
        await users.add("agent1", Profile("李强", "agent", "1002"), PASSWORD)
    with pytest.raises(UserFault, match="belongs to 'agent1'"):
        await users.add("agent2", Profile("李强", "agent", "1001"), PASSWORD)


async def test_the_last_administrator_stays(users: Users) -> None:
    await users.add("admin", ADMIN, PASSWORD)
    with pytest.raises(UserFault, match="last administrator"):
        await users.deactivate("admin")
    with pytest.raises(UserFault, match="last administrator"):
        await users.change("admin", Profile("系统管理员", "supervisor"))
    await users.add("admin2", ADMIN, PASSWORD)
    await users.deactivate("admin")


async def test_nobody_can_be_changed_who_is_not_there(users: Users) -> None:
    with pytest.raises(NoSuchUser):
        await users.change("agent1", AGENT)
    with pytest.raises(NoSuchUser):
        await users.set_password("agent1", PASSWORD)
    with pytest.raises(NoSuchUser):
        await users.deactivate("agent1")


async def test_the_language_of_the_screens_is_remembered(users: Users) -> None:
    await users.add("agent1", AGENT, PASSWORD)
    await users.set_language("agent1", "en")
    account = await users.authenticate("agent1", PASSWORD)
    assert account is not None
    assert account.language == "en"


async def test_the_calls_hear_of_an_agent_who_was_added_elsewhere_when_they_log_in(
    database: Database, clock: HandClock, users: Users
) -> None:
    heard: list[UserRow] = []
    here = Users(database, clock, extensions=EXTENSIONS, hasher=quick(), on_user=heard.append)
    await users.add("agent1", AGENT, PASSWORD)
    await here.authenticate("agent1", "a wrong password")
    assert heard == []
    await here.authenticate("agent1", PASSWORD)
    await here.deactivate("agent1")
    assert [(user.user_id, user.active) for user in heard] == [("agent1", True), ("agent1", False)]


# --- the demo ---------------------------------------------------------------------------


async def test_the_demo_brings_its_people(database: Database, clock: HandClock) -> None:
    users = made(database, clock, demo=True)
    names = await users.seed_demo()
    people = ("agent1", "agent2", "agent3", "callback1", "dispatcher1", "checker1", "unit1")
    assert names == [*people, "supervisor", "admin"]
    assert await users.seed_demo() == names
    assert await users.authenticate("callback1", DEMO_PASSWORD) == ports.Account(
        "callback1", "陈静", "callback", "2001", None
    )


async def test_the_demo_password_opens_nothing_once_the_demo_is_off(
    database: Database, clock: HandClock
) -> None:
    demo = made(database, clock, demo=True)
    await demo.seed_demo()
    await logged_in(database, "agent1")
    real = made(database, clock)
    assert await real.authenticate("admin", DEMO_PASSWORD) is None
    await real.retire_demo()
    assert not await open_sessions(database, "agent1")
    assert not any(user.active for user in await real.everybody())
    with pytest.raises(RuntimeError):
        await real.seed_demo()
    await demo.seed_demo()
    assert await demo.authenticate("agent1", DEMO_PASSWORD) is not None


async def test_the_demo_leaves_real_accounts_alone(database: Database, clock: HandClock) -> None:
    real = made(database, clock)
    await real.add("admin", ADMIN, PASSWORD)
    await real.add("zhang", AGENT, PASSWORD)
    demo = made(database, clock, demo=True)
    assert await demo.seed_demo() == [
        *("agent2", "agent3", "callback1", "dispatcher1", "checker1", "unit1", "supervisor")
    ]
    assert await demo.authenticate("admin", PASSWORD) is not None
    await real.retire_demo()
    assert await real.authenticate("zhang", PASSWORD) is not None
