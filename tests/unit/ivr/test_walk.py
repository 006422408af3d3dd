"""A caller walks: keys are never lost, failures lead to a person, nobody is trapped."""

from __future__ import annotations

from hotline.ivr import acts, signals
from hotline.ivr.pieces import Prompt
from hotline.ivr.walk import Walk
from tests.unit.ivr.walks import Caller, published

MENU = """
flow: menu
title: {zh: 菜单}
start: greeting
person: wait
nodes:
  greeting: {kind: say, prompts: [greeting], next: main}
  main:
    kind: menu
    prompts: [menu-main]
    keys: {"1": number, "2": bye}
    words: {进度: number}
  number:
    kind: digits
    prompts: [ask-number]
    store: number
    length: {min: 5, max: 11}
    next: told
  told: {kind: say, prompts: [{read: digits, value: "${number}"}], next: wait}
  wait: {kind: queue, queue: hotline, talked: survey, nobody: report, asked: report}
  report: {kind: report, saved: bye, empty: bye}
  survey: {kind: survey, next: bye}
  bye: {kind: goodbye}
"""


def caller(**facts: object) -> Caller:
    named = {name.replace("__", "."): value for name, value in facts.items()}
    return Caller(published(MENU), "menu", named).begins()


def test_keys_typed_ahead_are_taken_by_the_nodes_that_ask() -> None:
    walker = caller().presses("113812345678")
    walker.listens()
    assert walker.steps == ["greeting", "main", "number", "told"]
    assert walker.walk.kept["number"] == "13812345678"
    assert walker.heard == ["13812345678"]


def test_what_is_typed_ahead_in_part_is_completed_without_a_prompt() -> None:
    walker = caller().presses("1138").listens()
    assert walker.all_heard == ["greeting"]
    walker.presses("12345678")
    assert walker.walk.kept["number"] == "13812345678"


def test_the_hash_key_ends_digits_and_the_star_begins_them_again() -> None:
    walker = caller().listens().presses("1").presses("99*12345#")
    assert walker.walk.kept["number"] == "12345"


def test_silence_between_two_keys_ends_digits() -> None:
    walker = caller().listens().presses("1").presses("12345")
    walker.waits(3.9)
    assert walker.steps[-1] == "number"
    walker.waits(0.2)
    assert walker.steps[-1] == "told"


def test_a_late_first_key_is_waited_for_as_long_as_the_node_says() -> None:
    walker = caller().listens().listens()
    assert walker.walk.next_deadline() == 6.0
    walker.waits(5.9)
    assert walker.heard == ["menu-main"]
    walker.waits(0.2)
    assert walker.heard == ["menu-again", "menu-main"]


def test_zero_leads_to_a_person_from_any_menu() -> None:
    walker = caller().listens().presses("0")
    assert walker.ways[-1] == "key:0"
    assert walker.matter == acts.ToQueue("hotline", "usual", "")


def test_three_failures_lead_to_a_person_not_to_goodbye() -> None:
    walker = caller().listens().presses("7")
    walker.listens().waits(6)
    walker.presses("9")
    assert walker.ways[-1] == "failed"
    assert walker.steps[-1] == "wait"
    assert not walker.hung_up


def test_too_few_digits_are_asked_for_again() -> None:
    walker = caller().listens().presses("1").presses("12#")
    assert walker.heard == ["digits-again", "ask-number"]


def test_a_played_out_prompt_of_before_changes_nothing() -> None:
    walker = caller().listens().presses("1")
    walker.walk.handle(signals.Played(1), walker.now)
    assert walker.walk.next_deadline() == 900.0
    assert walker.steps[-1] == "number"


def test_the_key_of_a_waiting_callers_report_may_be_typed_ahead() -> None:
    walker = caller(hotline__report_key="2").presses("0").presses("2").listens()
    assert walker.matter == acts.LeaveReport("asked", review=True)


def test_after_the_talk_a_mark_is_asked_for_and_goodbye_said() -> None:
    walker = caller().presses("0").listens().is_settled("talked")
    assert walker.heard == ["survey"]
    walker.presses("5")
    assert signals.Marked(5) in walker.effects
    assert walker.heard == ["survey-thanks"]
    walker.listens()
    assert walker.heard == ["goodbye"]
    walker.listens()
    assert walker.hung_up


def test_a_goodbye_is_said_to_its_end() -> None:
    walker = caller().listens().presses("2")
    play = next(one for one in reversed(walker.effects) if isinstance(one, signals.Play))
    assert not play.interruptible
    walker.presses("1")
    assert not walker.hung_up


def test_talking_long_is_not_walking_long() -> None:
    walker = caller().presses("0").listens()
    walker.now += 3600
    walker.is_settled("talked")
    walker.waits(1)
    assert walker.heard == ["survey"]


def test_a_caller_who_walks_too_long_is_led_to_a_person() -> None:
    walker = caller().listens().listens()
    walker.waits(901)
    assert walker.ways[-1] == "bound"
    assert isinstance(walker.matter, acts.ToQueue)


LOOP = """
flow: loop
title: {zh: 循环}
start: one
person: one
bound: {steps: 20}
nodes:
  one: {kind: set, values: {x: "1"}, next: two}
  two: {kind: set, values: {x: "2"}, next: one}
"""


def test_even_a_loop_without_a_way_out_ends_in_a_report_and_goodbye() -> None:
    walker = Caller(published(LOOP), "loop").begins()
    assert walker.walk.steps <= 20
    assert walker.matter == acts.LeaveReport("nobody_ready", review=False)
    walker.is_settled("empty").listens()
    assert walker.hung_up


# --- by voice -------------------------------------------------------------------------------


def listening() -> Caller:
    return caller(speech__menus=True).listens()


def test_a_menu_listens_while_it_plays_where_speech_is_on() -> None:
    assert signals.Listen(("进度",), "zh") in listening().effects
    assert not [one for one in caller().listens().effects if isinstance(one, signals.Listen)]


def test_a_sure_word_is_taken_at_once() -> None:
    walker = listening().says("进度", 0.95)
    assert walker.ways[-1] == "word:进度"
    assert signals.Hush() in walker.effects
    assert signals.Deafen() in walker.effects


def test_an_unsure_word_is_asked_back() -> None:
    walker = listening().says("进度", 0.6)
    assert walker.heard == ["did-you-say", "进度", "yes-or-no"]
    walker.presses("1")
    assert walker.ways[-1] == "word:进度"


def test_a_denied_word_puts_the_question_again() -> None:
    walker = listening().says("进度", 0.6).presses("2")
    assert walker.steps[-1] == "main"
    assert walker.heard == ["menu-again", "menu-main"]


def test_zero_leads_to_a_person_also_when_asked_back() -> None:
    walker = listening().says("进度", 0.6).presses("0")
    assert isinstance(walker.matter, acts.ToQueue)


def test_a_key_wins_over_a_word_that_comes_later() -> None:
    walker = listening().presses("2").says("进度", 0.95)
    assert walker.steps[-1] == "bye"


# --- sub-flows, languages, branches -----------------------------------------------------------

PARENT = """
flow: parent
title: {zh: 上}
languages: [zh, en]
start: tongue
person: wait
nodes:
  tongue: {kind: language, prompts: [choose-language], keys: {"8": en}, next: sub}
  sub: {kind: flow, flow: child, exits_to: {found: bye}, next: wait}
  wait: {kind: queue, queue: hotline, talked: bye, nobody: bye, asked: bye}
  bye: {kind: goodbye}
"""
CHILD = """
flow: child
title: {zh: 下}
start: ask
nodes:
  ask: {kind: lookup, by: calling, found: yes-found, none: menu}
  yes-found: {kind: return, exit: found}
  menu: {kind: menu, prompts: [child-menu], keys: {"1": back}}
  back: {kind: return}
"""


def family(*, keys: str = "") -> Caller:
    return Caller(published(PARENT, CHILD), "parent").begins().presses(keys).listens()


def test_a_sub_flow_returns_by_its_exit() -> None:
    walker = family(keys="8").is_settled("found", pieces=(Prompt("progress-case"),))
    assert walker.heard == ["progress-case"]
    walker.listens()
    assert walker.ways[-1] == "exit:found"
    assert walker.walk.language == "en"


def test_a_sub_flow_without_a_person_leads_to_that_of_its_caller() -> None:
    walker = family(keys="8").is_settled("none").presses("0")
    assert walker.walk.place == "parent@1:wait"


def test_keys_pressed_while_something_is_looked_up_are_kept() -> None:
    walker = family(keys="8").presses("1").is_settled("none")
    assert walker.steps[-3:] == ["menu", "back", "wait"]


def test_a_key_that_chooses_no_language_is_left_to_the_next_question() -> None:
    walker = family(keys="1").is_settled("none")
    assert walker.walk.language == "zh"
    assert walker.steps[-1] == "wait"


# --- a restart in the middle ------------------------------------------------------------------


def test_a_walk_goes_on_at_the_place_that_the_dialplan_remembers() -> None:
    walk = Walk(published(MENU), "menu", lambda name, now: None)
    settle = walk.resume("menu@1:report", 50.0, "hotline")
    assert settle.matter == acts.LeaveReport("asked", review=True)
    effects = walk.handle(signals.Settled(settle.number, "saved"), 60.0)
    assert [one.node for one in effects if isinstance(one, signals.Entered)] == ["bye"]


def test_a_place_that_is_not_there_any_more_is_the_nearest_queue() -> None:
    for place in ("", "menu@9:wait", "menu@1:gone", "other@1:x", "menu@1:main"):
        walk = Walk(published(MENU), "menu", lambda name, now: None)
        settle = walk.resume(place, 50.0, "hotline")
        assert settle.matter == acts.ToQueue("hotline", "usual", "")
        assert walk.place == "menu@1:wait"
