"""The whole sample shop as it was planned, before anything is written in the form of a landing file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dagster_project.sample.afterthoughts import draw_afterthoughts
from dagster_project.sample.baskets import add_net, draw_lines, draw_refunds, price_orders
from dagster_project.sample.catalog import Catalog, draw_catalog
from dagster_project.sample.events import draw_events, draw_visit_details, order_times, registration_times
from dagster_project.sample.outreach import Outreach, plan_outreach, with_trait_answers
from dagster_project.sample.people import draw_devices, draw_people, plan_registrations
from dagster_project.sample.purchases import plan_carts, plan_orders
from dagster_project.sample.visits import plan_visits

if TYPE_CHECKING:
    import pandas as pd

    from dagster_project.sample.window import Window


@dataclass(frozen=True)
class Shop:
    """Frames of one planned shop; ``person``, ``device``, ``order``, ``visit`` and ``product`` are row positions."""

    window: Window
    seed: int
    catalog: Catalog
    people: pd.DataFrame
    devices: pd.DataFrame
    orders: pd.DataFrame
    lines: pd.DataFrame
    refunds: pd.DataFrame
    visits: pd.DataFrame
    events: pd.DataFrame
    afterthoughts: pd.DataFrame
    outreach: Outreach


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Give each purpose its own stream of chance, so that a change in one part leaves the others as they were."""
    return np.random.default_rng([seed, *purpose.encode("ascii")])


def plan_shop(customers: int, window: Window, seed: int) -> Shop:
    """Plan people, orders, visits and events of one shop."""
    catalog = draw_catalog(generator(seed, "catalog"), window)
    people = draw_people(generator(seed, "people"), customers, seed)
    devices = draw_devices(generator(seed, "devices"), people)
    orders = plan_orders(generator(seed, "orders"), people, window)
    carts = plan_carts(generator(seed, "carts"), people, window)
    people = plan_registrations(generator(seed, "registrations"), people, orders, carts, window)

    basket = generator(seed, "baskets")
    lines = draw_lines(basket, people, orders, catalog)
    orders, lines = price_orders(basket, orders, lines)
    refunds = draw_refunds(generator(seed, "refunds"), orders, lines)
    orders = add_net(orders, refunds)

    visits = plan_visits(
        generator(seed, "visits"), people=people, devices=devices, orders=orders, carts=carts, window=window
    )
    details = generator(seed, "events")
    visits = draw_visit_details(details, visits, people, devices)
    events = draw_events(
        details, visits=visits, people=people, orders=orders, lines=lines, catalog=catalog, window=window
    )
    times = generator(seed, "times")
    orders = orders.assign(
        ordered_at=order_times(times, orders, visits, events, window),
        order_id=[f"O-{100_000 + number}" for number in range(len(orders))],
    )
    people = people.assign(registered_at=registration_times(times, people, visits, events, window))
    afterthoughts = draw_afterthoughts(
        generator(seed, "afterthoughts"), visits=visits, people=people, orders=orders, events=events, catalog=catalog
    )
    outreach = plan_outreach(generator(seed, "outreach"), people, visits, window)
    outreach = with_trait_answers(generator(seed, "trait answers"), outreach, people)
    return Shop(window, seed, catalog, people, devices, orders, lines, refunds, visits, events, afterthoughts, outreach)
