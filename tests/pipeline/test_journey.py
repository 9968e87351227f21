"""What the journey says of the sample shop adds up to the shop."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster_project.sample.writing import Sample
    from tests.pipeline.shop import Shop

LAST_DAY = "2026-06-30"


def test_the_steps_of_a_funnel_never_grow_and_begin_with_everybody_who_came(sample_shop: tuple[Shop, Sample]) -> None:
    shop, _ = sample_shop
    funnel = shop.built("from marts.rpt_funnel where period = 'last_days' order by step_number", LAST_DAY)
    sessions, people = [row[3] for row in funnel], [row[6] for row in funnel]
    assert all(before >= after > 0 for counts in (sessions, people) for before, after in pairwise(counts))
    shares = [(row[7], row[8]) for row in funnel]
    of_before = [None, *((2 * 10_000 * after + before) // (2 * before) for before, after in pairwise(people))]
    assert shares == [
        (step, (2 * 10_000 * count + people[0]) // (2 * people[0]))
        for step, count in zip(of_before, people, strict=True)
    ]
    came = "select count(*), count(distinct customer_id) from marts.fct_sessions where not is_bot and session_date > "
    assert shop.built(came + "date '2026-05-31'", LAST_DAY) == [(sessions[0], people[0])]
    days = "select sum(sessions_count) from marts.rpt_funnel where period = 'day' and step_number = 0"
    assert shop.built(days, LAST_DAY) == shop.built(
        "select count(*) from marts.fct_sessions where not is_bot", LAST_DAY
    )


def test_every_step_of_a_session_is_listed_once_and_its_last_one_is_marked(sample_shop: tuple[Shop, Sample]) -> None:
    shop, _ = sample_shop
    counted = "select session_date, step, step_number, count(*) from marts.fct_funnel_steps group by all order by all"
    of_days = """
        select last_date, step, step_number, sessions_count from marts.rpt_funnel
        where period = 'day' and sessions_count > 0 order by all
    """
    assert shop.built(counted, LAST_DAY) == shop.built(of_days, LAST_DAY) != []
    last = """
        select count(*) from marts.fct_funnel_steps as steps
        full join (from marts.fct_sessions where not is_bot) as sessions
            on steps.session_key = sessions.session_key and steps.is_last_step
        where (steps.step is null or steps.step <> coalesce(sessions.funnel_step, 'visit'))
            and (steps.is_last_step or steps.is_last_step is null)
    """
    assert shop.built(last, LAST_DAY) == [(0,)]


def test_cohorts_hold_every_buyer_once_and_all_their_revenue(sample_shop: tuple[Shop, Sample]) -> None:
    shop, _ = sample_shop
    cohorts = """
        select sum(buyers_count) filter (month_number = 0), sum(orders_count), sum(net_revenue_amount),
            sum(repeat_buyers_count) filter (month_date = '2026-06-01')
        from marts.rpt_cohort_retention
    """
    orders = """
        select count(distinct customer_id), count(*), sum(net_revenue_amount),
            count(*) filter (customer_order_number = 2)
        from marts.fct_orders where is_counted
    """
    assert shop.built(cohorts, LAST_DAY) == shop.built(orders, LAST_DAY)


def test_every_order_has_one_last_touch_and_windows_add_up(sample_shop: tuple[Shop, Sample]) -> None:
    shop, _ = sample_shop
    ((orders, touched),) = shop.built(
        "select (select count(*) from marts.fct_orders), (select count(*) from marts.fct_order_touches)", LAST_DAY
    )
    assert orders == touched > 0
    mix = """
        select sum(first_touch_orders_count), sum(last_touch_orders_count), sum(last_touch_net_revenue_amount)
        from marts.rpt_channel_mix where window_days = 365
    """
    year = """
        select count(*), count(*), sum(net_revenue_amount)
        from marts.fct_orders where is_counted and order_date > date '2025-06-30'
    """
    assert shop.built(mix, LAST_DAY) == shop.built(year, LAST_DAY)
    channels = {channel for (channel,) in shop.built("select channel from marts.rpt_channel_mix", LAST_DAY)}
    assert {"email", "direct", "none"} < channels
