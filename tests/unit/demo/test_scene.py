from __future__ import annotations

from io import StringIO

from rich.console import Console

from hotline.demo.board import BoardWatch
from hotline.demo.scene import Scene


def test_without_a_terminal_each_change_is_a_line() -> None:
    out = StringIO()
    scene = Scene(Console(file=out, width=100))
    scene.open()
    actor = scene.enter("138****5678", "talk")
    scene.note(actor, "waiting")
    scene.note(actor, "waiting")
    scene.note(actor, "talked", leaves=True)
    assert out.getvalue().count("waiting") == 1
    assert "talked" in out.getvalue()
    assert scene.tally == {"talked": 1}


def test_the_table_shows_those_on_the_line_before_those_who_left() -> None:
    scene = Scene(None)
    for number in range(30):
        scene.note(scene.enter(f"gone{number}", "talk"), "left", leaves=True)
    scene.note(scene.enter("here", "talk"), "waiting")
    console = Console(file=StringIO(), width=100)
    console.print(scene.table())
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "here" in shown
    assert "gone29" in shown
    assert "gone0 " not in shown


def test_the_board_tells_who_talks_with_whom() -> None:
    watch = BoardWatch("http://127.0.0.1:1")
    waiting = {"call_id": "pbx1-1.1", "calling": "138****5678"}
    agent = {"agent_id": "agent1", "name": "张敏", "state": "offered", "call_id": "pbx1-1.1"}
    watch.note({"waiting": [waiting], "agents": [agent]})
    assert watch.talks_with("13800005678") == ""
    watch.note({"waiting": [], "agents": [{**agent, "state": "talking"}]})
    assert watch.talks_with("13800005678") == "张敏"
    assert watch.talks_with("13900005678") == ""
