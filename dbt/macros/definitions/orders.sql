{# Valid as of the as-of date: not cancelled by then, and a status that says so, or one that only a later cancellation gave. #}
{% macro is_valid_order(orders, statuses) -%}
    ({{ orders }}.cancelled_at is null
    and ({{ orders }}.is_cancelled_later or {{ orders }}.status is null or coalesce({{ statuses }}.is_valid, false)))
{%- endmacro %}

{# What became of an order by the as-of date; a cancellation that is still to come has not undone the sale. #}
{% macro order_outcome(orders, statuses) -%}
    case
        when {{ orders }}.cancelled_at is not null then 'cancelled'
        when {{ orders }}.status is null then 'sold'
        when {{ orders }}.is_cancelled_later and not {{ statuses }}.is_valid then 'sold'
        else {{ statuses }}.order_outcome
    end
{%- endmacro %}

{# A line paid noticeably below its list price. #}
{% macro is_discounted_line(lines) -%}
    (10000 * {{ lines }}.unit_price < (10000 - {{ var('discount_tolerance_bp') }}) * {{ lines }}.list_price)
{%- endmacro %}

{# The currency that all amounts are published in; null where nobody ever named one. #}
{% macro shop_currency() -%}nullif('{{ var('shop_currency', '') }}', ''){%- endmacro %}

{# An order that names no currency is in that of the shop. #}
{% macro is_in_shop_currency(currency) -%}
    ({{ currency }} is null or {{ currency }} = '{{ var('shop_currency', '') }}')
{%- endmacro %}

{# What was paid, in the currency of the shop. Where it was paid in that, as nearly everywhere, nothing is multiplied. #}
{% macro in_shop_currency(amount, rate, decimals=2) -%}
    case
        when {{ rate }} = 1 then cast({{ amount }} as decimal(18, {{ decimals }}))
        else cast({{ amount }} * {{ rate }} as decimal(18, {{ decimals }}))
    end
{%- endmacro %}

{# What an order earned: gift cards sold are no revenue before they are spent, an order that is not valid earned nothing. #}
{% macro net_revenue(orders, refund_amount) -%}
    {% set earned = orders ~ '.product_amount - ' ~ orders ~ '.gift_card_amount - ' ~ refund_amount -%}
    {{ money('case when ' ~ orders ~ '.is_valid then ' ~ earned ~ ' else 0 end') }}
{%- endmacro %}

{# Calendar months from a day to the as-of date, the first and the last included. #}
{% macro active_months(day) -%}
    cast(12 * (year({{ as_of_date() }}) - year({{ day }})) + month({{ as_of_date() }}) - month({{ day }}) + 1 as bigint)
{%- endmacro %}
