"""What a caller who only listens would hear at an instant: the walk itself, read as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hotline.ivr import acts, numbers, signals
from hotline.ivr.obeying import REPORT_REASONS
from hotline.ivr.pieces import Piece, Prompt, Read, Said
from hotline.ivr.prompts import Wording, catalogue
from hotline.ivr.reporting import PLEASE
from hotline.ivr.walk import Phase, Walk

# Whoever settles these has nothing for a caller of whom nothing is known.
_NOTHING = {acts.LookUp: "none", acts.AskSystem: "fallback", acts.RegisterAffected: "none"}
_ENDS: Mapping[type[acts.Matter], Mapping[str, str]] = {
    acts.ToQueue: {"zh": "〔排队等候人工，听音乐〕", "en": "[waits for a person, with music]"},
    acts.LeaveReport: {"zh": "〔提示音后留言〕", "en": "[leaves a spoken report]"},
    acts.Connect: {"zh": "〔转接其他服务〕", "en": "[is connected with another service]"},
}
_ASKED = {"zh": "〔等待按键〕", "en": "[a key is waited for]"}


def words_of(wording: Wording, language: str) -> Callable[[Piece], str]:
    """Gives the text of a piece; of one that cannot be said, nothing."""
    prompts = {prompt.name: prompt.text for prompt in catalogue(wording, [language])}

    def words(piece: Piece) -> str:
        match piece:
            case Prompt(name=name):
                return prompts.get(name, "")
            case Said(text=text):
                return text
            case Read():
                try:
                    return numbers.text(piece, language)
                except numbers.Unreadable:
                    return ""

    return words


def foretell(walk: Walk, now: float, words: Callable[[Piece], str]) -> list[str]:
    """The lines that a caller hears at ``now`` (Unix seconds) who presses nothing, up to where
    somebody else takes over: a person, a report, or a question that waits for an answer."""
    lines: list[str] = []
    effects = walk.handle(signals.Begun(), now)
    while effects:
        after: list[signals.Effect] = []
        for effect in effects:
            match effect:
                case signals.Play(number=number, pieces=pieces):
                    said = "".join(words(piece) for piece in pieces)
                    lines += [said] if said else []
                    if walk.phase is Phase.ASKING:
                        return [*lines, _ASKED[walk.language]]
                    after += walk.handle(signals.Played(number), now)
                case signals.Settle(number=number, matter=matter):
                    if isinstance(matter, acts.LeaveReport):
                        reasons = [Prompt(name) for name in REPORT_REASONS.get(matter.reason, ())]
                        lines.append("".join(words(piece) for piece in (*reasons, *PLEASE)))
                    if type(matter) in _ENDS:
                        return [*lines, _ENDS[type(matter)][walk.language]]
                    after += walk.handle(signals.Settled(number, _NOTHING[type(matter)]), now)
        effects = after
    return lines
