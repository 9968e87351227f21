"""Whom the shop wrote to and what came of it: messages, consents, offers and memberships, as they are planned.

Every person has a habit; ``truth`` counts from the plan. ``ago`` are days before the last day, -1 is never.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from dagster_project.sample.window import BoolArray, IntArray, Window

# On purpose on both sides of the 90 days within which a message and a click count.
CAMPAIGNS_AGO = (5, 19, 33, 47, 61, 89, 90, 120, 200)
MAIL_HABITS = {"clicks": 0.3, "silent": 0.25, "seldom": 0.15, "former": 0.1, "bounces": 0.05, "never_mailed": 0.15}
SELDOM_CAMPAIGNS = (3, 5)
FORMER_CAMPAIGN, FORMER_CLICKS_AGO = 120, (89, 90)
UNSUBSCRIBE_AT, UNSUBSCRIBE_SHARE = 33, 0.06
CLICK_SHARE, OPEN_SHARE, MACHINE_OPEN_SHARE = 0.6, 0.3, 0.35
# Personas who do nothing lately by definition: any deed would wake them.
ASLEEP = ("lead_cold",)

CONSENT_SHARES = {"email": 0.7, "sms": 0.2, "ads": 0.3, "profiling": 0.25}
WITHDRAWN_SHARE = 0.1

# Offer: (days before the last day on which it was shown, last day it holds: -1 has none, below that it still runs).
NO_END = -1
OFFERS = {
    "OF-1": (400, 390),
    "OF-2": (300, 280),
    "OF-3": (200, 190),
    "OF-4": (120, 100),
    "OF-5": (60, 40),
    "OF-6": (10, -10),
    "OF-7": (30, NO_END),
    "OF-8": (29, NO_END),
}
OFFER_HABITS = {"ignores": 0.3, "redeems": 0.2, "got_two": 0.15, "got_none": 0.35}
TWO_OFFERS = ("OF-4", "OF-5")
MEMBER_SHARE, LEFT_SHARE = 0.25, 0.1
ANSWERS = {"lifestyle": ("cook", "gardener", "reader", "parent"), "found_us_through": ("friend", "search", "press")}
ANSWER_SHARE = 0.08
# Questions that stand for a trait; the words are those of people, not of the project.
TRAIT_ANSWERS = {
    "who_do_you_represent": ("Individual", "Business", "school", "charity"),
    "age_group": ("18-24", "25-34", "35-44", "45-54", "55-64", "65+"),
    "education": ("vocational", "bachelor", "master"),
}


@dataclass(frozen=True)
class Outreach:
    """Frames over row positions of people.

    ``messages``: person, ago, is_bounced, is_opened, is_machine_open, click_ago, is_unsubscribed.
    ``consents``: person, channel, granted_ago, withdrawn_ago. ``exposures``: person, offer, ago, redeemed_ago.
    ``members``: person, joined_ago, left_ago. ``answers``: person, question, answer, ago.
    """

    messages: pd.DataFrame
    consents: pd.DataFrame
    exposures: pd.DataFrame
    members: pd.DataFrame
    answers: pd.DataFrame

    @property
    def deeds(self) -> pd.DataFrame:
        """What people did about it, person and ago: sending and showing is what the shop did."""
        told = [
            (self.messages, "click_ago"),
            (self.messages[self.messages["is_unsubscribed"]], "ago"),
            (self.consents, "granted_ago"),
            (self.consents, "withdrawn_ago"),
            (self.exposures, "redeemed_ago"),
            (self.members, "joined_ago"),
            (self.answers, "ago"),
        ]
        deeds = pd.concat([frame[["person", ago]].set_axis(["person", "ago"], axis=1) for frame, ago in told])
        return deeds[deeds["ago"] >= 0]


def plan_outreach(rng: np.random.Generator, people: pd.DataFrame, visits: pd.DataFrame, window: Window) -> Outreach:
    """Plan what the shop sends to people it can name, from the day after it learned of them."""
    first_visit = visits.groupby("person")["ago"].max().reindex(people.index).fillna(-1).to_numpy(np.int64)
    is_reader = (people["kind"] == "reader").to_numpy()
    known_ago = np.where(is_reader, first_visit, people["registered_ago"].to_numpy(np.int64))
    accounts = np.where(people["kind"] == "account", known_ago, -1)
    is_awake = ~people["persona"].isin(ASLEEP).to_numpy()
    return Outreach(
        messages=_plan_messages(rng, people, known_ago, window),
        consents=_plan_consents(rng, known_ago, is_awake),
        exposures=_plan_exposures(rng, accounts, is_awake, window),
        members=_plan_members(rng, accounts, is_awake),
        answers=_plan_answers(rng, accounts, is_awake),
    )


def _plan_messages(rng: np.random.Generator, people: pd.DataFrame, known_ago: IntArray, window: Window) -> pd.DataFrame:
    habit = _habits(rng, MAIL_HABITS, len(people))
    habit = np.where(people["persona"].isin(ASLEEP) & np.isin(habit, ["clicks", "former"]), "silent", habit)
    few = np.array(SELDOM_CAMPAIGNS)[rng.integers(0, 2, len(people))]
    gets = {"seldom": few, "never_mailed": np.zeros(len(people), np.int64)}
    limit = np.full(len(people), len(CAMPAIGNS_AGO))
    for name, campaigns in gets.items():
        limit = np.where(habit == name, campaigns, limit)
    leaves = (habit == "clicks") & (known_ago > UNSUBSCRIBE_AT) & (rng.random(len(people)) < UNSUBSCRIBE_SHARE)
    parts = []
    for number, ago in enumerate(campaign for campaign in CAMPAIGNS_AGO if campaign < window.days):
        gone = leaves & (ago < UNSUBSCRIBE_AT)
        to = np.flatnonzero((known_ago > ago) & (number < limit) & ~gone)
        parts.append(_mailing(rng, to, ago, habit[to], leaves[to] & (ago == UNSUBSCRIBE_AT)))
    return pd.concat(parts, ignore_index=True)


def _mailing(
    rng: np.random.Generator, person: IntArray, ago: int, habit: np.ndarray, leaves: BoolArray
) -> pd.DataFrame:
    is_bounced = habit == "bounces"
    clicks_now = (habit == "clicks") & ((rng.random(len(person)) < CLICK_SHARE) | (ago == CAMPAIGNS_AGO[0])) | leaves
    clicks_late = (habit == "former") & (ago == FORMER_CAMPAIGN)
    late = np.array(FORMER_CLICKS_AGO)[rng.integers(0, 2, len(person))]
    click_ago = np.where(clicks_now, ago, np.where(clicks_late, late, -1))
    return pd.DataFrame(
        {
            "person": person,
            "ago": ago,
            "is_bounced": is_bounced,
            "is_opened": ~is_bounced & ((click_ago >= 0) | (rng.random(len(person)) < OPEN_SHARE)),
            "is_machine_open": ~is_bounced & (rng.random(len(person)) < MACHINE_OPEN_SHARE),
            "click_ago": click_ago,
            "is_unsubscribed": leaves,
        }
    )


def _plan_consents(rng: np.random.Generator, known_ago: IntArray, is_awake: BoolArray) -> pd.DataFrame:
    parts = []
    for channel, share in CONSENT_SHARES.items():
        person = np.flatnonzero((known_ago >= 0) & (rng.random(len(known_ago)) < share))
        granted = known_ago[person]
        withdraws = (rng.random(len(person)) < WITHDRAWN_SHARE) & (granted > 0) & is_awake[person]
        withdrawn = np.where(withdraws, np.floor(rng.random(len(person)) * granted), -1).astype(np.int64)
        parts.append(
            pd.DataFrame({"person": person, "channel": channel, "granted_ago": granted, "withdrawn_ago": withdrawn})
        )
    return pd.concat(parts, ignore_index=True)


def _plan_exposures(rng: np.random.Generator, known_ago: IntArray, is_awake: BoolArray, window: Window) -> pd.DataFrame:
    habit = _habits(rng, OFFER_HABITS, len(known_ago))
    parts = []
    for offer, (ago, last_ago) in OFFERS.items():
        if ago >= window.days:
            continue
        chosen = (habit != "got_none") & ((habit != "got_two") | (offer in TWO_OFFERS))
        person = np.flatnonzero((known_ago > ago) & chosen)
        redeems = (habit[person] == "redeems") & (rng.random(len(person)) < CLICK_SHARE) & is_awake[person]
        soonest = max(last_ago, 0)
        redeemed = np.where(redeems, rng.integers(soonest, ago + 1, len(person)), -1)
        parts.append(pd.DataFrame({"person": person, "offer": offer, "ago": ago, "redeemed_ago": redeemed}))
    return pd.concat(parts, ignore_index=True)


def _plan_members(rng: np.random.Generator, known_ago: IntArray, is_awake: BoolArray) -> pd.DataFrame:
    person = np.flatnonzero((known_ago >= 0) & (rng.random(len(known_ago)) < MEMBER_SHARE))
    joined = np.floor(rng.random(len(person)) * (known_ago[person] + 1)).astype(np.int64)
    joined = np.where(is_awake[person], joined, known_ago[person])
    leaves = (rng.random(len(person)) < LEFT_SHARE) & (joined > 0) & is_awake[person]
    left = np.where(leaves, np.floor(rng.random(len(person)) * joined), -1).astype(np.int64)
    return pd.DataFrame({"person": person, "joined_ago": joined, "left_ago": left})


def _plan_answers(rng: np.random.Generator, known_ago: IntArray, is_awake: BoolArray) -> pd.DataFrame:
    parts = []
    for question, answers in ANSWERS.items():
        person = np.flatnonzero((known_ago >= 0) & (rng.random(len(known_ago)) < ANSWER_SHARE))
        ago = np.floor(rng.random(len(person)) * (known_ago[person] + 1)).astype(np.int64)
        answer = np.array(answers, dtype=object)[rng.integers(0, len(answers), len(person))]
        ago = np.where(is_awake[person], ago, known_ago[person])
        parts.append(pd.DataFrame({"person": person, "question": question, "answer": answer, "ago": ago}))
    return pd.concat(parts, ignore_index=True)


def with_trait_answers(rng: np.random.Generator, outreach: Outreach, people: pd.DataFrame) -> Outreach:
    """Add what some say of themselves the day after they opened their account."""
    known_ago = people["registered_ago"].to_numpy(np.int64)
    is_asked = (known_ago > 0) & (people["kind"] == "account") & ~people["persona"].isin(ASLEEP)
    parts = [outreach.answers]
    for question, answers in TRAIT_ANSWERS.items():
        person = np.flatnonzero(is_asked & (rng.random(len(people)) < ANSWER_SHARE))
        answer = np.array(answers, dtype=object)[rng.integers(0, len(answers), len(person))]
        parts.append(
            pd.DataFrame({"person": person, "question": question, "answer": answer, "ago": known_ago[person] - 1})
        )
    return replace(outreach, answers=pd.concat(parts, ignore_index=True))


def _habits(rng: np.random.Generator, shares: dict[str, float], count: int) -> np.ndarray:
    names = np.array(list(shares), dtype=object)
    return np.asarray(names[rng.choice(len(names), count, p=list(shares.values()))])
