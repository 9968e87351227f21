"""Lifecycle: the stage that a person's purchase days and activity give on D, and the day that stage began."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

NEW, REACTIVATED = 30, 30
AT_RISK, DORMANT, CHURNED = 90, 180, 365
LEAD = 180


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
