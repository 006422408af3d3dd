"""Rules for numbers: proposed from signs, confirmed by a supervisor, appealed against, ended.

Every change writes the rule and its event in one transaction. A rule has evidence, an author
and an end. While a storm is on none is in force: then whoever calls may be in danger, and a
number that was a nuisance last week is no reason to hear them later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import select

from hotline import events
from hotline.callers import past, rules
from hotline.callers.model import (
    DAY_S,
    MOST_DAYS,
    TEXT_LENGTH,
    WHY_LENGTH,
    Effect,
    Mark,
    NoSuchRule,
    Rule,
    RuleRefused,
    State,
    number_of,
    rule_of,
)
from hotline.registry.model import Actor
from hotline.storage.journal import Journal, Transaction
from hotline.storage.tables import CallRow
from hotline.storage.tables_callers import CallerAppealRow, CallerRuleRow, CallSignRow

SUPERVISORS = frozenset({"supervisor"})
APPEAL_TAKERS = frozenset({"agent", "callback", "supervisor"})


class CallerDesk:
    """Keeps the rules, and knows those in force without asking the database.

    ``load`` it before use. Whatever reaches the database raises
    :class:`hotline.storage.database.DatabaseUnavailable` when there is none.
    """

    def __init__(self, journal: Journal, storm_on: Callable[[float], bool]) -> None:
        self._journal = journal
        self._storm_on = storm_on
        self._active: dict[str, Rule] = {}

    async def load(self) -> None:
        """Learn the rules that are in force."""
        query = select(CallerRuleRow).where(CallerRuleRow.state == State.ACTIVE)
        async with self._journal.database.session() as session:
            self._active = {row.number: rule_of(row) for row in await session.scalars(query)}

    def rule_for(self, calling: str, now: float) -> Rule | None:
        """The rule in force for a call from this number; None for a withheld one and in a
        storm."""
        rule = self._active.get(number_of(calling))
        if rule is None or rule.state_at(now) is not State.ACTIVE or self._storm_on(now):
            return None
        return rule

    # --- signs ----------------------------------------------------------------------------

    async def mark(self, call_id: str, mark: Mark, why: str, by: Actor) -> None:
        """Mark a call; another mark of the same agent takes its place."""
        async with self._journal.transaction() as tx:
            standing = await _marks(tx, call_id, by)
            if any(row.sign == mark and row.why == why for row in standing):
                return
            for row in standing:
                if row.sign != mark:
                    tx.add(events.TalkMarkUndone(call_id, by.user_id, row.sign))
            tx.add(events.TalkMarked(call_id, by.user_id, mark, _text(why, WHY_LENGTH)))

    async def undo_mark(self, call_id: str, by: Actor) -> None:
        """Take one's mark back, if there is one."""
        async with self._journal.transaction() as tx:
            for row in await _marks(tx, call_id, by):
                tx.add(events.TalkMarkUndone(call_id, by.user_id, row.sign))

    async def mark_of(self, call_id: str, user_id: str) -> tuple[str, str]:
        """An agent's mark of a call and why, both empty for none."""
        async with self._journal.database.session() as session:
            found = await past.signs_of(session, [call_id])
        return next(((row.sign, row.why) for row in found if row.marked_by == user_id), ("", ""))

    # --- a rule's life --------------------------------------------------------------------

    async def consider(self, call_id: str) -> Rule | None:
        """Propose a rule when the calls of this one's number are reason enough.

        Nothing is proposed for a number that has a proposal or a rule in force, and what came
        before the end of its last one does not count again.
        """
        async with self._journal.database.session() as session:
            call = await session.get(CallRow, call_id)
            number = number_of(call.calling) if call else ""
        if not number:
            return None
        async with self._journal.transaction() as tx:
            last = await _last_rule(tx, number)
            if last is not None and last.state_at(tx.now) in (State.PROPOSED, State.ACTIVE):
                return None
            since = tx.now - rules.LONGEST_WINDOW_S
            since = max(since, _end_of(last)) if last else since
            found = rules.find(await past.calls_since(tx.session, number, since), tx.now)
            return await _propose(tx, number, found) if found else None

    async def confirm(self, rule_id: int, effect: Effect, days: int, why: str, by: Actor) -> Rule:
        """Put a proposal in force for so many days.

        Raises :class:`NoSuchRule`, :class:`RuleRefused`.
        """
        _check_role(by, SUPERVISORS)
        if not 1 <= days <= MOST_DAYS:
            raise RuleRefused("bad_days")
        reason = _needed(why, WHY_LENGTH)
        async with self._journal.transaction() as tx:
            row = await _row(tx, rule_id)
            _must_be(row, tx.now, State.PROPOSED)
            row.state, row.effect, row.why = State.ACTIVE, effect, reason
            row.made_by, row.made_at = by.user_id, tx.now
            row.expires_at = tx.now + days * DAY_S
            tx.add(
                events.CallerRuleMade(
                    rule_id,
                    row.number,
                    effect,
                    reason,
                    by.user_id,
                    row.expires_at,
                    tuple(row.evidence),
                )
            )
            rule = rule_of(row)
        self._active[rule.number] = rule
        return rule

    async def dismiss(self, rule_id: int, why: str, by: Actor) -> None:
        """Put a proposal aside. Raises :class:`NoSuchRule`, :class:`RuleRefused`."""
        _check_role(by, SUPERVISORS)
        reason = _needed(why, WHY_LENGTH)
        async with self._journal.transaction() as tx:
            row = await _row(tx, rule_id)
            _must_be(row, tx.now, State.PROPOSED)
            _end(row, State.DISMISSED, by, tx.now, reason)
            tx.add(events.CallerRuleDismissed(rule_id, by.user_id, reason))

    async def lift(self, rule_id: int, why: str, by: Actor) -> None:
        """End a rule before its time. Raises :class:`NoSuchRule`, :class:`RuleRefused`."""
        _check_role(by, SUPERVISORS)
        reason = _needed(why, WHY_LENGTH)
        async with self._journal.transaction() as tx:
            row = await _row(tx, rule_id)
            _must_be(row, tx.now, State.ACTIVE)
            self._lift(tx, row, reason, by)
        self._active.pop(row.number, None)

    # --- appeals --------------------------------------------------------------------------

    async def appeal(self, rule_id: int, text: str, by: Actor) -> int:
        """Take a citizen's appeal; its number. Raises :class:`NoSuchRule`,
        :class:`RuleRefused`."""
        _check_role(by, APPEAL_TAKERS)
        said = _needed(text, TEXT_LENGTH)
        async with self._journal.transaction() as tx:
            row = await _row(tx, rule_id)
            _must_be(row, tx.now, State.ACTIVE)
            if await _open_appeal(tx, rule_id) is not None:
                raise RuleRefused("appealed_already")
            appeal = CallerAppealRow(
                rule_id=rule_id, text=said, taken_by=by.user_id, taken_at=tx.now
            )
            tx.session.add(appeal)
            await tx.session.flush()
            tx.add(events.AppealMade(rule_id, appeal.appeal_id, said, by.user_id))
            return appeal.appeal_id

    async def decide(self, appeal_id: int, granted: bool, why: str, by: Actor) -> None:
        """Decide an appeal; a granted one ends the rule.

        Nobody decides on a rule of their own. Raises :class:`NoSuchRule`,
        :class:`RuleRefused`.
        """
        _check_role(by, SUPERVISORS)
        reason = _needed(why, WHY_LENGTH)
        async with self._journal.transaction() as tx:
            appeal = await tx.session.get(CallerAppealRow, appeal_id)
            if appeal is None:
                raise NoSuchRule(appeal_id)
            if appeal.granted is not None:
                raise RuleRefused("decided_already")
            row = await _row(tx, appeal.rule_id)
            if row.made_by == by.user_id:
                raise RuleRefused("own_rule")
            appeal.granted, appeal.why = granted, reason
            appeal.decided_by, appeal.decided_at = by.user_id, tx.now
            tx.add(events.AppealDecided(row.rule_id, appeal_id, granted, by.user_id, reason))
            if ended := granted and rule_of(row).state_at(tx.now) is State.ACTIVE:
                self._lift(tx, row, reason, by)
        if ended:
            self._active.pop(row.number, None)

    def _lift(self, tx: Transaction, row: CallerRuleRow, why: str, by: Actor) -> None:
        _end(row, State.LIFTED, by, tx.now, why)
        tx.add(events.CallerRuleLifted(row.rule_id, by.user_id, why))


async def _marks(tx: Transaction, call_id: str, by: Actor) -> Sequence[CallSignRow]:
    found = await past.signs_of(tx.session, [call_id])
    return [row for row in found if row.marked_by == by.user_id]


async def _row(tx: Transaction, rule_id: int) -> CallerRuleRow:
    row = await tx.session.get(CallerRuleRow, rule_id)
    if row is None:
        raise NoSuchRule(rule_id)
    return row


async def _last_rule(tx: Transaction, number: str) -> Rule | None:
    query = select(CallerRuleRow).where(CallerRuleRow.number == number)
    row = await tx.session.scalar(query.order_by(CallerRuleRow.rule_id.desc()).limit(1))
    return None if row is None else rule_of(row)


def _end_of(rule: Rule) -> float:
    return rule.ended_at or rule.expires_at or rule.proposed_at


async def _open_appeal(tx: Transaction, rule_id: int) -> CallerAppealRow | None:
    query = select(CallerAppealRow).where(
        CallerAppealRow.rule_id == rule_id, CallerAppealRow.granted.is_(None)
    )
    found: CallerAppealRow | None = await tx.session.scalar(query)
    return found


async def _propose(tx: Transaction, number: str, found: rules.Finding) -> Rule:
    row = CallerRuleRow(
        number=number,
        because=found.because,
        effect=found.effect,
        evidence=list(found.evidence),
        state=State.PROPOSED,
        proposed_at=tx.now,
    )
    tx.session.add(row)
    # Flushed for its number and the columns' defaults.
    await tx.session.flush()
    tx.add(
        events.CallerRuleProposed(row.rule_id, number, found.because, found.effect, found.evidence)
    )
    return rule_of(row)


def _end(row: CallerRuleRow, state: State, by: Actor, now: float, why: str) -> None:
    row.state, row.ended_by, row.ended_at, row.ended_why = state, by.user_id, now, why


def _must_be(row: CallerRuleRow, now: float, state: State) -> None:
    if rule_of(row).state_at(now) is not state:
        raise RuleRefused("not_now")


def _check_role(by: Actor, roles: frozenset[str]) -> None:
    if by.role not in roles:
        raise RuleRefused("not_your_role")


def _text(given: str, length: int) -> str:
    return given.strip()[:length]


def _needed(given: str, length: int) -> str:
    if not (text := _text(given, length)):
        raise RuleRefused("say_why")
    return text
