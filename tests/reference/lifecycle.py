"""Lifecycle: the stage that a person's purchase days and activity give on D, and the day that stage began.

Beside it the stage by the person's own rhythm, and who is new, returning, resurrecting or dormant in each month.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from statistics import median

NEW, REACTIVATED = 30, 30
AT_RISK, DORMANT, CHURNED = 90, 180, 365
LEAD = 180
RHYTHM_GAPS = 3
RHYTHM_STAGES = {"active": Fraction(3, 2), "at_risk": Fraction(5, 2), "dormant": Fraction(4)}
UNCERTAIN = 180
PERIOD_STATES = ("period_new", "period_returning", "period_resurrecting", "period_dormant")


def buyer_stage(purchase_days: list[date], day: date) -> str:
    """Stage on a day of somebody who bought on the given distinct days, in order; later ones are not looked at."""
    bought = [purchase_day for purchase_day in purchase_days if purchase_day <= day]
    since_last = (day - bought[-1]).days
    if len(bought) == 1 and since_last < NEW:
        return "new"
    gaps = pairwise(bought)
    if any((day - later).days < REACTIVATED and (later - earlier).days >= DORMANT for earlier, later in gaps):
        return "reactivated"
    if since_last < AT_RISK:
        return "active"
    if since_last < DORMANT:
        return "at_risk"
    return "dormant" if since_last < CHURNED else "churned"


def stage_entered(purchase_days: list[date], day: date) -> date:
    """First day of the unbroken run of the stage that stands on a day.

    A stage changes only on a purchase day or where days since one reach a threshold: the walk visits just those days.
    """
    steps = (0, NEW, REACTIVATED, AT_RISK, DORMANT, CHURNED)
    visited = sorted({bought + timedelta(days=step) for bought in purchase_days for step in steps})
    entered, stage = purchase_days[0], ""
    for step_day in visited:
        if step_day <= day and buyer_stage(purchase_days, step_day) != stage:
            entered, stage = step_day, buyer_stage(purchase_days, step_day)
    return entered


def stage_without_purchase(*, is_identified: bool, last_activity: date | None, day: date) -> str:
    """Stage of somebody who has no counted order."""
    if not is_identified:
        return "anonymous"
    return "lead" if last_activity is not None and (day - last_activity).days < LEAD else "cold_lead"


def silence_to_rhythm(purchase_days: list[date], day: date) -> Fraction | None:
    """Days since the last purchase in own median gaps; None where there are fewer than three gaps."""
    gaps = [(later - earlier).days for earlier, later in pairwise(purchase_days)]
    return Fraction((day - purchase_days[-1]).days) / Fraction(median(gaps)) if len(gaps) >= RHYTHM_GAPS else None


def personal_stage(ratio: Fraction | None, fixed_stage: str) -> str:
    """Stage by the own rhythm, or the fixed one where there is none."""
    if ratio is None:
        return fixed_stage
    return next((stage for stage, limit in RHYTHM_STAGES.items() if ratio <= limit), "churned")


def period_counts(purchase_days: list[list[date]], day: date) -> dict[tuple[date, str], int]:
    """Customers by (first day of the month, state), for each month from the first purchase to the one of ``day``."""
    months = [{bought.replace(day=1) for bought in days} for days in purchase_days if days]
    if not months:
        return {}
    counts: Counter[tuple[date, str]] = Counter()
    month, last = min(map(min, months)), day.replace(day=1)
    before = month
    while month <= last:
        counts.update({(month, state): 0 for state in PERIOD_STATES})
        for bought in months:
            if month in bought:
                old = "period_returning" if before in bought else "period_resurrecting"
                counts[month, "period_new" if month == min(bought) else old] += 1
            elif before in bought:
                counts[month, "period_dormant"] += 1
        before, month = month, (month + timedelta(days=32)).replace(day=1)
    return dict(counts)
