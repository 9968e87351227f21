-- Grain: one row per customer account and source: what the account says of who the person is, as known now.
with customers as (

    select * from {{ source('raw', 'customers') }}

),

latest as (

    select
        *,
        row_number() over (
            partition by customer_id, source
            order by updated_at desc nulls last, content_md5 desc
        ) as version_rank
    from customers

),

final as (

    select
        customer_id as shop_customer_id,
        source,
        {% for trait in account_traits() -%}
            {{ normalised_words(trait) }} as {{ trait }},
        {% endfor -%}
        coalesce(nullif(trim(company_name), ''), nullif(trim(vat_id), '')) is not null as is_company_named,
        birth_date,
        {{ unless_future('cast(coalesce(updated_at, registered_at) as timestamp)') }} as stated_at
    from latest
    where
        version_rank = 1
        and (registered_at is null or cast(registered_at as timestamp) < {{ as_of_end() }})

)

select * from final
