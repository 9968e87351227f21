from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

import pytest

from dagster_project.errors import UsageError
from dagster_project.raw.loading import open_raw
from dagster_project.raw.tombstones import bury
from tests.raw.landing import NOW, make_landing

if TYPE_CHECKING:
    from tests.raw.landing import Landing


def buried(landing: Landing, *values: tuple[str, str]) -> None:
    with open_raw(landing.settings) as raw:
        bury(raw, landing.settings.pseudonym_key, values, NOW)


def test_a_tombstone_is_a_keyed_hash_and_nothing_else(landing: Landing) -> None:
    buried(landing, ("email", " Ann@X.example "), ("phone", "0044 (20) 123"))
    key = landing.settings.pseudonym_key.encode()
    wanted = {hmac.new(key, text, hashlib.sha256).hexdigest() for text in (b"email:ann@x.example", b"phone:4420123")}
    assert wanted < set(landing.column("select hash from raw.tombstones"))


def test_rows_of_an_erased_person_are_skipped_by_a_rule_and_those_of_others_are_used(landing: Landing) -> None:
    buried(landing, ("customer_id", "ann"), ("email", "ann@x.example"))
    orders = ("1,ann,,2026-01-02,10", "2,ANN,,2026-01-02,10", "3,,Ann@X.example ,2026-01-02,5", "4,eve,,2026-01-02,7")
    landing.write("orders/o.csv", "\n".join(("order_id,customer_id,email,ordered_at,total_amount", *orders, "")))
    landing.write("order_lines/l.csv", "order_id,line_number,quantity,unit_price\n1,1,1,10\n4,1,1,7\n")
    view = '{"event_id":"%s","occurred_at":"2026-01-02","event_type":"x","page_url":"https://s/?m=%s%%40x.example&b=1"}'
    landing.write("events/e.jsonl", f"{view}\n{view}\n" % ("a", "ann", "b", "hann"))
    loaded = {file.file: file for file in landing.load().files}
    assert loaded["orders/o.csv"].skipped_by_rule == {"erased": 2}
    assert (loaded["orders/o.csv"].rows_read, loaded["orders/o.csv"].rows_used) == (4, 2)
    assert landing.column("select order_id from raw.orders order by 1") == ["2", "4"]
    assert landing.column("select order_id from raw.order_lines") == ["4"]
    assert landing.column("select event_id from raw.events") == ["b"]


def test_a_refused_row_of_an_erased_person_is_not_kept_in_quarantine(landing: Landing) -> None:
    buried(landing, ("customer_id", "ann"))
    landing.write_orders("1,ann,never,10", "2,bob,never,10", "3,ann,2026-01-02,1,too,many", "4,bob,2026-01-02,3,4")
    assert landing.load_one().skipped_by_rule == {"erased": 2}
    assert landing.column("select line from raw.quarantine order by 1") == [3, 5]


def test_another_key_is_refused(landing: Landing) -> None:
    buried(landing, ("customer_id", "ann"))
    landing.write_orders("1,ann,2026-01-02,10")
    with pytest.raises(UsageError, match="SEGMENTS_PII_KEY"):
        make_landing(landing.data_dir, pii_key="another").load()
