-- Grain: one row per refund without an order and sale line it takes units from.
-- Between two neighbouring heights of the pile sales and refunds alternate: a refund takes the unit that the move
-- before it put there.
with moves as (

    select * from {{ ref('int_stock_moves_levelled') }}

),

heights as (

    select
        customer_id,
        product_id,
        level_before as height
    from moves
    union
    select
        customer_id,
        product_id,
        level_after as height
    from moves

),

layers as (

    select
        customer_id,
        product_id,
        height as bottom,
        lead(height) over (
            partition by customer_id, product_id
            order by height
        ) as top
    from heights

),

crossings as (

    select
        layers.bottom,
        layers.top,
        moves.move,
        moves.document_id,
        lag(moves.document_id) over (
            partition by layers.customer_id, layers.product_id, layers.bottom
            order by moves.move_number
        ) as order_id,
        lag(moves.line_number) over (
            partition by layers.customer_id, layers.product_id, layers.bottom
            order by moves.move_number
        ) as line_number
    from layers
    inner join moves
        on
            layers.customer_id = moves.customer_id
            and layers.product_id = moves.product_id
            and layers.bottom >= least(moves.level_before, moves.level_after)
            and layers.top <= greatest(moves.level_before, moves.level_after)
    where layers.top is not null

),

final as (

    select
        document_id as refund_id,
        order_id,
        line_number,
        cast(sum(top - bottom) as decimal(18, 3)) as quantity,
        max(top) as top_height
    from crossings
    where move = 'refund'
    group by document_id, order_id, line_number

)

select * from final
