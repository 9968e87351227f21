{# A path is what happened in a session in its order, a letter each: "hcp.pako" is home, category, product, a silence, product
   again, put into the cart, checkout, order. Steps of the funnel are found in it; what happened at the same instant stands in
   the order of the letters, so that no id decides. #}

{% macro path_letters() -%}{{ return('-xnshcparbkeo') }}{%- endmacro %}
{% macro silence_letter() -%}{{ return('.') }}{%- endmacro %}

{# The steps of the funnel with their letters, in their order. #}
{% macro funnel_steps() -%}
    {{ return([
        ('home', 'h'), ('category', 'c'), ('product', 'p'), ('cart', 'a'), ('checkout', 'k'), ('order', 'o'),
    ]) }}
{%- endmacro %}

{# The place of an event's letter in path_letters(): by what was done, else by the page that it was done on. #}
{% macro path_code(event_type, page_type) -%}
    {%- set by_deed = {
        'add_to_cart': 'a', 'remove_from_cart': 'r', 'checkout_started': 'k', 'payment_failed': 'e', 'purchase': 'o',
        'product_view': 'p', 'category_view': 'c', 'search': 's',
    } -%}
    {%- set by_page = {
        'home': 'h', 'category': 'c', 'product': 'p', 'search': 's', 'content': 'n', 'cart': 'b', 'checkout': 'k',
    } -%}
    case
        {%- for deed, letter in by_deed.items() %}
        when {{ event_type }} = '{{ deed }}' then {{ path_letters().index(letter) + 1 }}
        {%- endfor %}
        {%- for page, letter in by_page.items() %}
        when {{ page_type }} = '{{ page }}' then {{ path_letters().index(letter) + 1 }}
        {%- endfor %}
        when {{ event_type }} = 'page_view' or {{ page_type }} is not null then {{ path_letters().index('x') + 1 }}
        else {{ path_letters().index('-') + 1 }}
    end
{%- endmacro %}

{# Was it silent for so long that a chat might have helped? #}
{% macro is_idle(earlier, later) -%}
    ({{ us_between(earlier, later) }} >= {{ minutes_us(var('session_idle_minutes')) }})
{%- endmacro %}

{# The path of later events, with the silence before them. #}
{% macro path_after_idle(path, is_after_idle) -%}
    case when {{ is_after_idle }} then '{{ silence_letter() }}' else '' end || {{ path }}
{%- endmacro %}

{# How many steps of the funnel a path holds in their order: each counts only after the one before it. #}
{% macro funnel_depth(path) -%}
    {%- set letters = funnel_steps() | map('last') | list -%}
    case
        {%- for depth in range(letters | length, 0, -1) %}
        when {{ path }} like '%{{ letters[:depth] | join('%') }}%' then {{ depth }}
        {%- endfor %}
        else 0
    end
{%- endmacro %}

{# The name of the deepest step; null where not even the first was taken. #}
{% macro funnel_step(depth) -%}
    case {{ depth }}
        {%- for step, _ in funnel_steps() %} when {{ loop.index }} then '{{ step }}' {%- endfor %}
    end
{%- endmacro %}

{# Where a path begins and where it ends: a page, or what was done there. Null where no page is known. #}
{% macro entry_page(path) -%}{{ page_of_letter("left(translate(" ~ path ~ ", '-.', ''), 1)") }}{%- endmacro %}
{% macro exit_page(path) -%}{{ page_of_letter("right(translate(" ~ path ~ ", '-.', ''), 1)") }}{%- endmacro %}

{% macro page_of_letter(letter) -%}
    case {{ letter }}
        {%- for step, of_step in funnel_steps() %} when '{{ of_step }}' then '{{ step }}' {%- endfor %}
        when 's' then 'search' when 'n' then 'content' when 'b' then 'cart' when 'r' then 'cart'
        when 'e' then 'payment_error' when 'x' then 'other'
    end
{%- endmacro %}

{# A silence before anything was put into a cart, taken out of one or brought to the checkout. #}
{% macro is_idle_before_cart(path) -%}
    ({{ path }} like '%{{ silence_letter() }}%'
    and translate(split_part({{ path }}, '{{ silence_letter() }}', 1), 'ark', '')
    = split_part({{ path }}, '{{ silence_letter() }}', 1))
{%- endmacro %}
