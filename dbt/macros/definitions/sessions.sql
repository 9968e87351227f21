{# What a slot of a session is made of. #}
{% macro session_measures() -%}
    min(events.device_key) as device_key,
    min(events.anonymous_id) as anonymous_id,
    min(events.given_session_id) as given_session_id,
    {{ path_of_events('events.path_code', 'events.occurred_at') }} as visit_path,
    min(events.device_type) as device_type,
    min(events.channel) as channel,
    min(events.country) as country,
    min(events.region) as region,
    cast(count(*) as bigint) as events_count,
    {{ count_where("events.event_type = 'page_view'") }} as page_views_count,
    {{ count_where("events.event_type = 'product_view'") }} as product_views_count,
    {{ count_where("events.event_type = 'category_view'") }} as category_views_count,
    {{ count_where("events.event_type = 'search'") }} as searches_count,
    {{ count_where("events.event_type = 'add_to_cart'") }} as cart_adds_count,
    {{ count_where("events.event_type = 'checkout_started'") }} as checkouts_count,
    {{ count_where("events.event_type = 'purchase'") }} as purchases_count,
    {{ count_where("events.is_form") }} as forms_count,
    {{ count_where("events.event_type = 'content_download'") }} as downloads_count,
    {{ count_where("events.is_order_attempt") }} as order_attempts_count,
    min(events.occurred_at) as started_at,
    max(events.occurred_at) as ended_at,
    min(case when events.event_type = 'signup' then events.occurred_at end) as first_signup_at,
    max(case when events.event_type = 'purchase' then events.occurred_at end) as last_purchase_at
{%- endmacro %}

{# Does a silence, or nothing at all, lie between two slots of a stream, so that they are two sessions? #}
{% macro is_apart(earlier, later) -%}
    coalesce({{ us_between(earlier, later) }} > {{ minutes_us(var('session_gap_minutes')) }}, true)
{%- endmacro %}

{# What a session says of itself, and what it counts. #}
{% macro session_words() -%}
    {{ return(['device_key', 'anonymous_id', 'given_session_id', 'device_type', 'channel', 'country', 'region']) }}
{%- endmacro %}
{% macro session_counts() -%}
    {{ return([
        'events_count', 'page_views_count', 'product_views_count', 'category_views_count', 'searches_count',
        'cart_adds_count', 'checkouts_count', 'purchases_count', 'forms_count', 'downloads_count',
        'order_attempts_count'
    ]) }}
{%- endmacro %}

{# What a session is made of: its slots, all of them or those by the end of the as-of date. #}
{% macro session_totals(slot_sessions='sessions') -%}
    {%- for column in session_words() -%}
    min(slots.{{ column }}) as {{ column }},
    {% endfor -%}
    {{ joined_in_order(
        path_after_idle('slots.visit_path', slot_sessions ~ '.is_after_idle'), ['slots.slot_number', 'slots.event_date']
    ) }} as visit_path,
    {% for count in session_counts() -%}
    {{ sum_int('slots.' ~ count) }} as {{ count }},
    {% endfor -%}
    min(slots.event_date) as session_date,
    max(slots.event_date) as last_date,
    min(slots.started_at) as started_at,
    max(slots.ended_at) as ended_at,
    min(slots.first_signup_at) as first_signup_at,
    max(slots.last_purchase_at) as last_purchase_at
{%- endmacro %}

{# What is counted of visits by month and by quarter. #}
{% macro visit_deeds() -%}{{ return(['cart_add', 'category_view', 'product_view']) }}{%- endmacro %}

{# What is told of the visits of a month and a quarter, none where nobody came. #}
{% macro visit_measures() -%}
    {%- set names = [] -%}
    {%- for window in ['month', 'quarter'] -%}
        {%- for deed in visit_deeds() -%} {%- do names.append(window ~ '_' ~ deed ~ 's_count') -%} {%- endfor -%}
    {%- endfor -%}
    {{ return(names + ['quarter_sessions_count', 'quarter_visit_seconds']) }}
{%- endmacro %}
