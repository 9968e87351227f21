-- Grain: one row per refund dated by the end of the as-of date.
-- Who names no quantity returns one unit: something came back, and its money must find the sale.
with refunds as (

    select * from {{ source('raw', 'refunds') }}

),

latest as (

    select
        *,
        row_number() over (
            partition by refund_id
            order by content_md5 desc
        ) as version_rank
    from refunds

),

final as (

    select
        refund_id,
        order_id,
        customer_id as shop_customer_id,
        product_id,
        coalesce(kind, 'refund') as kind,
        line_number,
        quantity,
        coalesce(nullif(quantity, 0), 1) as returned_quantity,
        amount,
        {{ local_date(utc_timestamp('refunded_at')) }} as refund_date,
        {{ utc_timestamp('refunded_at') }} as refunded_at
    from latest
    where
        version_rank = 1
        and {{ utc_timestamp('refunded_at') }} < {{ as_of_end() }}

)

select * from final
