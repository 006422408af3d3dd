"""The AGI codec: bytes in, events out, for every way a network may cut them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.telephony.agi import (
    COMMAND_LIMIT,
    LINE_LIMIT,
    TEXT_LIMIT,
    AgiConnection,
    AgiEvent,
    Environment,
    HungUp,
    ProtocolFault,
    Reply,
)

ENVIRONMENT = (
    "agi_network: yes\nagi_network_script: call\nagi_channel: PJSIP/citizen-00000001\n"
    "agi_uniqueid: 1795225078.1\nagi_callerid: 13800005678\nagi_calleridname: 张三\n"
    "agi_accountcode: \nagi_arg_1: start\nagi_arg_2: \nagi_arg_3: 0\n\n"
).encode()

WIRE_TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), max_size=80
)


def connected() -> AgiConnection:
    """A connection past its environment."""
    connection = AgiConnection()
    connection.receive(ENVIRONMENT)
    return connection


def reply_to(wire: bytes) -> list[AgiEvent]:
    """What a connection with one command under way makes of ``wire``."""
    connection = connected()
    connection.send("NOOP")
    return connection.receive(wire)


def fed(connection: AgiConnection, pieces: list[bytes]) -> tuple[list[AgiEvent], str]:
    """The events of all pieces, and the fault that ended them."""
    events: list[AgiEvent] = []
    for piece in pieces:
        try:
            events += connection.receive(piece)
        except ProtocolFault as fault:
            return [*events, *fault.events], fault.kind
    return events, ""


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """``data`` in pieces."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


def asterisk_arguments(line: bytes) -> list[str]:
    """How Asterisk takes a command apart: res_agi.c's ``parse_args``, step for step."""
    words: list[list[str]] = []
    quoted = escaped = False
    blank = True
    for character in line.decode():
        if character == '"' and not escaped:
            quoted = not quoted
            if quoted and blank:
                words.append([])
                blank = False
            continue
        if character in " \t" and not quoted and not escaped:
            blank = True
            continue
        if character == "\\" and not escaped:
            escaped = True
            continue
        if blank:
            words.append([])
            blank = False
        words[-1].append(character)
        escaped = False
    return ["".join(word) for word in words]


def test_the_environment_tells_the_call_and_its_arguments() -> None:
    (event,) = AgiConnection().receive(ENVIRONMENT)
    assert isinstance(event, Environment)
    assert event.path == "call"
    assert event.arguments == ("start", "", "0")
    assert event.variables["agi_calleridname"] == "张三"


@pytest.mark.parametrize(
    ("wire", "reply"),
    [
        ("200 result=0", Reply(200, "0")),
        ("200 result=-1", Reply(200, "-1")),
        ("200 result=1 (a value)", Reply(200, "1", data="a value")),
        ("200 result=1 ()", Reply(200, "1", data="")),
        ("200 result=1 (a) b)", Reply(200, "1", data="a) b")),
        ("200 result=1 ((hangup))", Reply(200, "1", data="(hangup)")),
        ("200 result=1 (hangup)", Reply(200, "1", data="hangup")),
        ("200 result= (timeout)", Reply(200, "", data="timeout")),
        ("200 result=50 endpos=8000", Reply(200, "50", endpos=8000)),
        ("200 result=-1 (hangup) endpos=160", Reply(200, "-1", data="hangup", endpos=160)),
        ("200 result=1 (one\nHANGUP\ntwo)", Reply(200, "1", data="one\nHANGUP\ntwo")),
        ("510 Invalid or unknown command", Reply(510, text="Invalid or unknown command")),
        (
            "511 result=-1 Command Not Permitted on a dead channel",
            Reply(511, "-1", text="Command Not Permitted on a dead channel"),
        ),
        ("520 Invalid command syntax.", Reply(520, text="Invalid command syntax.")),
        (
            "520-Invalid command syntax.\nUsage: NOOP\n200 result=1\nHANGUP\n520 End.",
            Reply(520, text="Invalid command syntax.\nUsage: NOOP\n200 result=1\nHANGUP"),
        ),
        ("100 result=0 Trying...\n200 result=0", Reply(200, "0")),
    ],
)
def test_each_form_of_reply_is_understood(wire: str, reply: Reply) -> None:
    assert reply_to(f"{wire}\n".encode()) == [reply]


def test_a_hang_up_is_told_between_and_before_replies() -> None:
    assert reply_to(b"HANGUP\n200 result=0\nHANGUP\n") == [HungUp(), Reply(200, "0"), HungUp()]


def test_after_a_refusal_with_usage_the_next_reply_belongs_to_the_next_command() -> None:
    connection = connected()
    connection.send("STREAM FILE")
    assert len(connection.receive(b"520-Wrong.\nUsage\n520 End of proper usage.\n")) == 1
    connection.send("NOOP")
    assert connection.receive(b"200 result=7\n") == [Reply(200, "7")]


def test_a_result_is_a_number_only_when_it_is_one() -> None:
    assert Reply(200, "-12").number == -12
    assert Reply(200, "").number is None
    assert Reply(200, "1#").number is None
    assert Reply(200, "9" * 400).number is None


@pytest.mark.parametrize(
    "wire",
    [
        b"GET / HTTP/1.1\r\n",
        b"\x16\x03\x01\x02\x00\n",
        b"\n",
        b"agi_network: yes\nHANGUP\n",
        b"agi_calleridname: x\nagi_arg_1: forged\nagi_arg_1: start\n\n",
    ],
)
def test_what_is_no_environment_is_refused(wire: bytes) -> None:
    with pytest.raises(ProtocolFault) as caught:
        AgiConnection().receive(wire)
    assert caught.value.kind == "garbage"


@pytest.mark.parametrize("wire", [b"hello\n", b"200 ok\n", b"200 result=1 trailing\n", b"\n"])
def test_what_is_no_reply_is_refused_and_stays_refused(wire: bytes) -> None:
    connection = connected()
    connection.send("NOOP")
    for data in (wire, b"200 result=0\n"):
        with pytest.raises(ProtocolFault):
            connection.receive(data)


def test_a_reply_that_nobody_asked_for_is_refused() -> None:
    with pytest.raises(ProtocolFault):
        connected().receive(b"200 result=0\n")


@pytest.mark.parametrize(
    "wire",
    [
        b"x" * (LINE_LIMIT + 1),
        b"agi_x: " + b"x" * LINE_LIMIT + b"\n",
        b"A" * 1_000_000,
        b"".join(b"agi_%d: %s\n" % (n, b"x" * 1000) for n in range(TEXT_LIMIT // 1000)),
    ],
)
def test_a_peer_cannot_make_us_hold_more_than_the_limit(wire: bytes) -> None:
    with pytest.raises(ProtocolFault) as caught:
        AgiConnection().receive(wire)
    assert caught.value.kind == "too_long"


def test_a_value_that_never_closes_is_given_up() -> None:
    connection = connected()
    connection.send("GET VARIABLE", "X")
    with pytest.raises(ProtocolFault):
        connection.receive(b"200 result=1 (\n" + b"x\n" * 500)


def test_events_before_a_fault_are_not_lost_with_it() -> None:
    with pytest.raises(ProtocolFault) as caught:
        AgiConnection().receive(ENVIRONMENT + b"HANGUP\nnonsense\n")
    assert [type(event) for event in caught.value.events] == [Environment, HungUp]


@given(st.lists(st.integers(0, 10_000), max_size=12))
def test_any_split_of_the_bytes_gives_the_same_events(places: list[int]) -> None:
    wire = ENVIRONMENT + "HANGUP\n200 result=1 (王)\nHANGUP\nnonsense\n".encode()

    def asked() -> AgiConnection:
        connection = AgiConnection()
        connection.send("GET VARIABLE", "X")
        return connection

    assert fed(asked(), cut(wire, places)) == fed(asked(), [wire])


@given(st.binary(max_size=400), st.lists(st.integers(0, 10_000), max_size=6), st.booleans())
def test_garbage_never_raises_anything_but_a_protocol_fault(
    data: bytes, places: list[int], started: bool
) -> None:
    def fresh() -> AgiConnection:
        connection = connected() if started else AgiConnection()
        connection.send("NOOP")
        return connection

    assert fed(fresh(), cut(data, places)) == fed(fresh(), [data])


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n)"), max_size=80))
def test_a_variable_s_value_comes_through_unchanged(value: str) -> None:
    events = reply_to(f"200 result=1 ({value})\n".encode())
    assert events == [Reply(200, "1", data=value)]


@given(st.lists(WIRE_TEXT, max_size=5))
def test_asterisk_reads_each_argument_as_it_was_meant(arguments: list[str]) -> None:
    line = AgiConnection().send("SET VARIABLE", *arguments)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert asterisk_arguments(line[:-1]) == ["SET", "VARIABLE", *arguments]


@pytest.mark.parametrize("argument", ["a\nHANGUP", "a\rb", "a\0b", "\udc80", "x" * COMMAND_LIMIT])
def test_an_argument_that_the_wire_cannot_carry_is_refused(argument: str) -> None:
    connection = AgiConnection()
    with pytest.raises(ValueError, match=r".+"):
        connection.send("SET VARIABLE", "X", argument)
    assert connection.send("NOOP") == b"NOOP\n"


def test_a_command_cannot_be_smuggled_in_as_a_command_s_name() -> None:
    with pytest.raises(ValueError, match="not an AGI command"):
        AgiConnection().send("NOOP\nHANGUP")


def test_a_second_command_waits_for_the_first_one_s_answer() -> None:
    connection = connected()
    connection.send("STREAM FILE", "greeting", "")
    with pytest.raises(RuntimeError):
        connection.send("NOOP")
    connection.receive(b"200 result=0 endpos=8000\n")
    connection.send("NOOP")
