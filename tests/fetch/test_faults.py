"""A shop that fails: bounded tries, a sentence, and nothing half-landed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from dagster_project.errors import BusyError, SegmentsError, UsageError
from dagster_project.fetch.shops import ShopKind
from dagster_project.lock import writer_lock
from tests.fetch import shopify_shop, woo_shop
from tests.fetch.http_shop import Answer
from tests.fetch.test_pages import FIVE

if TYPE_CHECKING:
    from tests.fetch.conftest import Bench

BUSY = Answer(429, {"Retry_After": "0.2"})
BROKEN = [
    pytest.param(Answer(500), id="500"),
    pytest.param(Answer(503), id="503"),
    pytest.param(BUSY, id="429"),
    pytest.param(Answer(body=b"[" + b" " * 4000 + b"]", cut=True), id="reset in the body"),
    pytest.param(Answer(body=b'[{"id": 1,'), id="broken JSON"),
    pytest.param(Answer(body=b"<html>Wait a moment</html>"), id="no JSON"),
]
SECRETS = (shopify_shop.TOKEN, woo_shop.KEY, woo_shop.SECRET)


@pytest.mark.parametrize("fault", BROKEN)
def test_a_passing_fault_is_lived_through(bench: Bench, fault: Answer) -> None:
    bench.http.before[2] = lambda: bench.http.faults.extend([fault] * 3)
    bench.fetch()
    assert bench.orders() == FIVE
    assert len(bench.http.asked) == 6


@pytest.mark.parametrize("fault", BROKEN)
def test_a_lasting_fault_ends_the_fetch_and_lands_nothing(bench: Bench, fault: Answer) -> None:
    bench.http.before[2] = lambda: bench.http.faults.extend([fault] * 4)
    with pytest.raises(SegmentsError, match=r"gave up after 4 tries.*next fetch begins where this one did"):
        bench.fetch()
    assert len(bench.http.asked) == 5
    assert bench.files() == []
    assert not bench.state_path.exists()
    bench.fetch()
    assert bench.orders() == FIVE
    assert bench.files() == ["000001-orders.jsonl"]


@pytest.mark.parametrize(
    ("asked_for", "longest", "least", "most"),
    [("2", 5, 2, 60), ("1.2", 5, 2, 60), ("3600", 0.2, 0.2, 60)],
    ids=["seconds", "a part of a second, as Shopify writes it", "more than we wait"],
)
def test_the_wait_that_a_shop_asks_for_is_kept_and_bounded(
    bench: Bench, asked_for: str, longest: float, least: float, most: float
) -> None:
    bench.http.faults.append(Answer(429, {"Retry_After": asked_for}))
    settings = bench.settings.model_copy(update={"fetch_longest_wait_seconds": longest})
    start = time.monotonic()
    bench.fetch(settings=settings)
    assert least <= time.monotonic() - start < most
    assert any("429" in sentence for sentence in bench.said)


def test_a_token_that_expires_half_way_is_named_and_not_shown(bench: Bench) -> None:
    bench.http.before[2] = lambda: setattr(bench.shop, "token" if bench.kind is ShopKind.SHOPIFY else "key", "renewed")
    name = f"SEGMENTS_{bench.kind.upper()}_(TOKEN|KEY and SEGMENTS_WOOCOMMERCE_SECRET)"
    with pytest.raises(SegmentsError, match=rf"refuses {name} \(401\)") as caught:
        bench.fetch()
    assert len(bench.http.asked) == 2, "asking again with the same token heals nothing"
    assert bench.files() == []
    assert not any(secret in f"{caught.value!r} {bench.said}" for secret in SECRETS)


def test_secrets_are_not_shown_where_a_shop_repeats_them(bench: Bench) -> None:
    echo = {"errors": [{"message": f"no rights for {shopify_shop.TOKEN}"}]}
    bench.http.faults.append(Answer.of(echo))
    with pytest.raises(SegmentsError) as caught:
        bench.fetch()
    assert shopify_shop.TOKEN not in str(caught.value)
    assert shopify_shop.TOKEN not in repr(bench.settings)


def test_a_redirect_is_not_followed(bench: Bench) -> None:
    """The token would go where it points."""
    bench.http.faults.append(Answer(302, {"Location": "http://127.0.0.1:9/stranger"}))
    with pytest.raises(SegmentsError, match=r"answers 302 .*correct the address"):
        bench.fetch()
    assert len(bench.http.asked) == 1


def test_a_shop_that_is_not_there_is_said_to_be(bench: Bench) -> None:
    settings = bench.settings.model_copy(
        update={"shopify_url": "http://127.0.0.1:9", "woocommerce_url": "http://127.0.0.1:9"}
    )
    with pytest.raises(SegmentsError, match="gave up after 4 tries"):
        bench.fetch(settings=settings)


def test_a_wrong_address_is_said_to_be(bench: Bench) -> None:
    settings = bench.settings.model_copy(
        update={"shopify_url": f"{bench.http.url}/blog", "woocommerce_url": f"{bench.http.url}/blog"}
    )
    with pytest.raises(SegmentsError, match="answers 404"):
        bench.fetch(settings=settings)
    bench.http.faults.append(Answer.of("welcome"))
    with pytest.raises(SegmentsError, match=r"is this the address of (a|the) shop"):
        bench.fetch()


def test_one_fetch_at_a_time(bench: Bench) -> None:
    settings = bench.settings.model_copy(update={"lock_timeout_seconds": 0})
    lock = bench.data_dir / "fetch" / "test_shop.lock"
    with (
        writer_lock(lock, holder="another", timeout_seconds=0),
        pytest.raises(BusyError, match=r"another .* is writing"),
    ):
        bench.fetch(settings=settings)


def test_two_shops_do_not_meet_in_one_folder(bench: Bench) -> None:
    bench.fetch()
    elsewhere = bench.http.url.replace("127.0.0.1", "localhost")
    settings = bench.settings.model_copy(update={"shopify_url": elsewhere, "woocommerce_url": elsewhere})
    with pytest.raises(UsageError, match="ids of two shops must not meet"):
        bench.fetch(settings=settings)


def test_the_sample_shop_and_a_real_one_do_not_meet(bench: Bench) -> None:
    (bench.data_dir / "landing").mkdir()
    (bench.data_dir / "landing" / ".sample.json").touch()
    with pytest.raises(UsageError, match="segments sample --remove"):
        bench.fetch()
