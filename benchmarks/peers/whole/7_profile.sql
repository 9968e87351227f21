-- People, what they are held against, and the profile: all that was summed, beside its flags.

-- Those with an identifier, those who ordered, and devices seen lately.
create temp table people as
with named as (
    select person from accounts
    union
    select person from emails
),
everybody as (
    select person, true as has_identifier from named
    union all
    select person, false from order_sums anti join named using (person)
    union all
    select person, false from session_sums anti join named using (person) anti join order_sums using (person)
    where days_ago(session_sums.last_session_date) < 90
)
select
    person,
    everybody.has_identifier,
    coalesce(order_sums.orders_count, 0) as orders_count,
    order_sums.net_revenue_amount,
    order_sums.last_order_date,
    accounts.person is not null as has_account,
    least(accounts.registered_at, session_sums.signup_at) as registered_at,
    least(accounts.registered_at::date, order_sums.first_placed_date, session_sums.first_session_date)
        as first_seen_date,
    greatest(accounts.last_registered_at::date, order_sums.last_placed_date, session_sums.last_session_date)
        as last_activity_date
from everybody
left join accounts using (person)
left join order_sums using (person)
left join session_sums using (person)
where everybody.has_identifier or order_sums.orders_count > 0 or days_ago(last_activity_date) < 90;

-- by_hand.sql: scores

create temp table later_sessions as
select person, count(*) as sessions
from people
inner join session_people using (person)
where session_people.started_at > people.registered_at and not session_people.is_bot
group by person;

create temp table merged_accounts as
select person, count(*) as merged from merged group by person;

create temp table habits as
select
    person,
    case when year_orders > 0 then rounded(cents(year_net), year_orders) end as order_value_cents,
    bp(session_sums.year_product_views, order_sums.year_products) as view_to_buy_bp,
    second_order_date - first_order_date as second_gap,
    12 * (year(getvariable('as_of')::date) - year(first_order_date))
    + month(getvariable('as_of')::date) - month(first_order_date) + 1 as months,
    case
        when order_value_cents is not null
            then 1 + 5 * (rank() over (order by order_value_cents) - 1) // count(order_value_cents) over ()
    end as order_value_score
from order_sums
left join session_sums using (person)
where orders_count > 0;

-- Medians of whole numbers that something is compared with are rounded down, which decides the same.
create temp table cuts as
select *
from (
    select
        rounded(sum(cents(net_revenue_amount)), count(*))::bigint as mean_cents,
        half_up(median(cents(net_revenue_amount))) as median_cents,
        sum(cents(net_revenue_amount)) as all_cents,
        count(*) as all_buyers,
        quantile_disc(year_orders, 0.9) filter (year_orders > 0) as many_orders,
        min(first_order_date) + 180 as known_from
    from order_sums
    where orders_count > 0
)
cross join (
    select
        quantile_disc(order_value_cents, 0.4) as low_value_cents,
        floor(median(view_to_buy_bp))::bigint as view_to_buy_bp,
        floor(median(second_gap))::bigint as second_gap
    from habits
)
cross join (
    select
        quantile_disc(quarter_seconds, 0.75) as long_visit,
        quantile_disc(quarter_product_views, 0.75) as many_views,
        quantile_disc(orders_per_session, 0.1) as few_orders
    from visitors
)
cross join (
    select quantile_disc(net, 0.9) filter (is_counted and days_ago(day) < 365) as large_order,
        coalesce(bool_or(is_discount_known), false) as has_discounts
    from netted
)
cross join (select count(*) > 0 as has_events from session_people)
cross join (select count(*) > 0 as has_wishes from wishes);

create temp table wish_sums as
select person, count(*) as products, max(day) as last_day from wishes where is_active group by person;

-- All there is of orders, and all there is of visits: two joins of few people each before the one of everybody.
create temp table bought as
select
    order_sums.* exclude (orders_count, net_revenue_amount, last_order_date, home_country),
    order_sums.home_country as shipped_to,
    scores.* exclude (person),
    (scores.frequency_score + scores.monetary_score + 1) // 2 as both_score,
    rhythms.* exclude (person, days, sorted_gaps),
    coalesce(rhythms.days, 1) as purchase_days,
    coalesce(rhythms.active_since, order_sums.first_order_date) as spell_start,
    habits.* exclude (person),
    baskets.* exclude (person),
    top_categories.category as top_category,
    top_categories.share_bp as top_category_share_bp,
    top_lines.* exclude (person),
    regular_lines.regular_lines,
    spend_powers.score as spend_power_score
from order_sums
left join scores using (person)
left join rhythms using (person)
left join habits using (person)
left join basket_sums as baskets using (person)
left join top_categories using (person)
left join top_lines using (person)
left join regular_lines using (person)
left join spend_powers using (person);

create temp table visited as
select
    session_sums.* exclude (signup_at),
    visitors.quarter_orders as visitor_orders,
    visitors.orders_per_session,
    recent_visits.* exclude (person, product_views, cart_adds),
    recent_visits.person is not null as came_lately,
    recent_visits.product_views as recent_product_views,
    recent_visits.cart_adds as recent_cart_adds,
    visit_traits.* exclude (person),
    cart_sums.* exclude (person),
    open_carts.amount as open_cart_amount,
    open_carts.score as open_cart_score,
    wish_sums.products as wished_products,
    wish_sums.last_day as last_wish,
    compared_products.products as compared_products
from session_sums
semi join people using (person)
left join visitors using (person)
left join recent_visits using (person)
left join visit_traits using (person)
left join cart_sums using (person)
left join open_carts using (person)
left join wish_sums using (person)
left join compared_products using (person);

-- The map of eleven groups is written out: one row per recency score, from the lowest up.
create table customer_profiles as
with joined as (
    select
        people.*,
        people.orders_count > 0 as is_buyer,
        case
            when people.has_identifier and people.orders_count > 0 then 'buyer'
            when people.has_identifier then 'lead'
            when people.orders_count > 0 then 'guest'
            else 'anonymous'
        end as kind,
        customers.country as account_country,
        customers.acquisition_channel,
        bought.* exclude (person, purchase_days),
        if(people.orders_count > 0, bought.purchase_days, 0) as purchase_days,
        visited.* exclude (person),
        later_sessions.sessions as later_sessions,
        coalesce(merged_accounts.merged, 0) as merged,
        cuts.* rename (view_to_buy_bp as view_to_buy_cut, second_gap as second_gap_cut, median_cents as shop_median)
    from people
    left join customers on people.person = customers.customer_id
    left join bought using (person)
    left join visited using (person)
    left join later_sessions using (person)
    left join merged_accounts using (person)
    cross join cuts
),
told as (
    select
        *,
        kind <> 'anonymous' as is_known,
        coalesce(shipped_to, account_country, visit_country) as home,
        days_ago(last_order_date) as silence,
        days_ago(first_order_date) as age,
        days_ago(last_session_date) as absence,
        days_ago(last_activity_date) as inactivity,
        case
            when purchase_days = 0 and not has_identifier then 'anonymous'
            when purchase_days = 0 and inactivity < 180 then 'lead'
            when purchase_days = 0 then 'cold_lead'
            when purchase_days = 1 and age < 30 then 'new'
            when days_ago(reactivated_on) < 30 then 'reactivated'
            when silence < 90 then 'active'
            when silence < 180 then 'at_risk'
            when silence < 365 then 'dormant'
            else 'churned'
        end as stage,
        case when is_buyer then greatest(90, coalesce(double_median_gap, 0)) end as patience,
        is_buyer and year_orders >= 3 and silence <= patience as is_loyal,
        case
            when is_buyer and has_discounts
                then window_orders >= 2
                    and 4 * discounted_orders >= 3 * window_orders
                    and 4 * full_price_cents <= window_cents
        end as is_lover,
        case when is_buyer and has_discounts then bp(full_price_cents, window_cents) end as full_price_bp,
        is_known and has_wishes as is_asked_for_wishes,
        coalesce(pending_carts, 0) >= 2 and coalesce(is_lover, false) as needs_incentive,
        coalesce(pending_checkouts, 0) > 0 and not coalesce(is_lover, false) as is_ready,
        coalesce(later_sessions, 0) as sessions_after_registration
    from joined
)
select
    case when person[:7] = 'device:' or person[:6] = 'order:' then pseudonym(person) else person end as customer_id,
    last_product_id,
    kind as customer_kind,
    home as home_country,
    null::varchar as home_region,
    case
        when shipped_to is not null then 'orders'
        when account_country is not null then 'customers'
        when visit_country is not null then 'visits'
        else 'unknown'
    end as home_country_source,
    acquisition_channel,
    'unknown' as age_group,
    'unknown' as gender,
    'unknown' as income_band,
    'unknown' as occupation,
    'unknown' as marital_status,
    'unknown' as education,
    'unknown' as organisation_type,
    'unknown' as lifestyle,
    if(is_known, coalesce(first_channel, 'unknown'), 'unknown') as first_touch_channel,
    coalesce(main_device, 'unknown') as main_device,
    coalesce(['low', 'lower_middle', 'middle', 'upper_middle', 'high'][spend_power_score], 'unknown')
        as spend_power_band,
    'unknown' as organisation_type_source,
    visit_country,
    if(is_known and home in ('AT', 'DE', 'ES', 'FR', 'IT', 'NL', 'PL', 'SE'), 'north', 'unknown') as home_hemisphere,
    'everyone' as content_variant,
    stage as lifecycle_stage,
    case
        when purchase_days <= 3 then stage
        when 20000 * silence <= 15000 * double_median_gap then 'active'
        when 20000 * silence <= 25000 * double_median_gap then 'at_risk'
        when 20000 * silence <= 40000 * double_median_gap then 'dormant'
        else 'churned'
    end as personal_stage,
    recency_score || '' || frequency_score || monetary_score as rfm_code,
    case
        when recency_score is not null
            then [
                ['Lost', 'Hibernating', 'At Risk', 'Can''t Lose Them', 'Can''t Lose Them'],
                ['About To Sleep', 'Needing Attention', 'Needing Attention', 'At Risk', 'At Risk'],
                ['Promising', 'Needing Attention', 'Potential Loyalist', 'Loyal', 'Loyal'],
                ['Promising', 'Potential Loyalist', 'Potential Loyalist', 'Loyal', 'Champions'],
                ['Recent', 'Potential Loyalist', 'Loyal', 'Champions', 'Champions']
            ][recency_score][both_score]
    end as rfm_segment,
    case when has_events then coalesce(funnel_step, 'none') end as funnel_step,
    case
        when not has_events then null
        when silence < 30 then 'order'
        when checkouts > 0 then 'checkout'
        when recent_cart_adds > 0 then 'cart'
        when recent_product_views > 0 then 'view'
        when came_lately then 'visit'
        else 'none'
    end as journey_step,
    case when has_events and is_ready then 'ready' when has_events and needs_incentive then 'needs_incentive' end
        as purchase_readiness,
    array_to_string(channels, ',') as sales_channels,
    case
        when is_asked_for_wishes and wished_products > 0 then case
            when is_lover then 'waiting_for_discount'
            when compared_products >= 3 then 'comparing'
            when days_ago(last_wish) < 7 then 'not_ready'
            else 'keeping_track'
        end
    end as wishlist_motive,
    case when top_category_share_bp >= 5000 then top_category when top_category is not null then 'mixed' end
        as dominant_category,
    main_line as main_product_line,
    lines as product_lines,
    case when is_loyal and 2 * most_orders >= year_orders then most_ordered_line end as loyal_line,
    null::varchar as main_interest,
    null::varchar as life_stage,
    null::varchar as follow_up_category,
    case
        when not is_buyer then null
        when year_orders >= 4 then 'frequent'
        when year_orders > 0 then 'occasional'
        else 'inactive'
    end as buyer_frequency,
    case when is_buyer then if(orders_count >= 3 * months, 'high', if(orders_count >= months, 'middle', 'low')) end
        as order_frequency,
    case
        when is_buyer and has_discounts and year_orders > 0
            then if(year_orders >= 4, 'high_', 'low_')
                || if(2 * promotion_orders > year_orders, 'promotion', 'full_price')
    end as price_habit,
    if(has_account, 1 + merged, 0) as customer_ids_count,
    orders_count,
    coalesce(placed_orders, 0) as placed_orders_count,
    coalesce(gross_amount, 0)::decimal(18, 2) as gross_amount,
    coalesce(refund_amount, 0)::decimal(18, 2) as refund_amount,
    coalesce(net_revenue_amount, 0)::decimal(18, 2) as net_revenue_amount,
    purchase_days as purchase_days_count,
    case when is_buyer and has_discounts then year_orders - promotion_orders end as full_price_orders_count,
    case when is_buyer and has_discounts then promotion_orders end as promotion_orders_count,
    case when is_buyer and has_discounts then (year_net - promotion_net)::decimal(18, 2) end
        as full_price_revenue_amount,
    case when is_buyer and has_discounts then promotion_net end as promotion_revenue_amount,
    case when is_buyer then money(rounded(cents(net_revenue_amount), orders_count)) end as average_order_amount,
    money(half_up(median_cents)) as median_order_amount,
    largest_order as largest_order_amount,
    coalesce(recent_spend, 0)::decimal(18, 2) as recent_spend_amount,
    coalesce(previous_spend, 0)::decimal(18, 2) as previous_spend_amount,
    bp(cents(recent_spend), cents(previous_spend)) as spend_trend_bp,
    rounded(double_median_gap, 2) as median_gap_days,
    gap_spread as gap_spread_days,
    last_gap as last_gap_days,
    case when is_buyer then money(mean_cents) end as mean_net_revenue_amount,
    case when is_buyer then money(shop_median) end as median_net_revenue_amount,
    case when is_buyer then year_orders end as buying_window_orders_count,
    case when is_buyer then bp(orders_count, months) end as orders_per_month_bp,
    year_largest_order as buying_window_largest_order_amount,
    money(order_value_cents) as order_value_amount,
    (10000 * year_median_products)::bigint as median_products_bp,
    view_to_buy_bp,
    case when is_buyer then large_order end as large_order_cut_amount,
    case when is_buyer then many_orders end as many_orders_cut_count,
    case when is_buyer then money(low_value_cents) end as low_order_value_cut_amount,
    case when is_buyer then view_to_buy_cut end as median_view_to_buy_bp,
    case when is_buyer then second_gap_cut end as median_second_order_gap_days,
    order_value_score,
    age as days_since_first_order,
    silence as days_since_last_order,
    inactivity as days_since_last_activity,
    null::int as age_years,
    null::int as days_until_birthday,
    spend_power_score,
    case when is_known then (home is not null)::int + (first_channel is not null)::int + (main_device is not null)::int
        + (spend_power_score is not null)::int end as known_traits_count,
    case when purchase_days > 3 then bp(2 * silence, double_median_gap) end as silence_to_rhythm_bp,
    recency_score,
    frequency_score,
    monetary_score,
    both_score as frequency_monetary_score,
    case when is_buyer then year_orders end as repeat_window_orders_count,
    patience as allowed_silence_days,
    case when is_buyer then window_orders end as discount_window_orders_count,
    case when is_buyer and has_discounts then bp(discounted_orders, window_orders) end as discounted_order_share_bp,
    full_price_bp as full_price_revenue_share_bp,
    case when has_events then coalesce(carts_count, 0) end as carts_count,
    case when has_events then coalesce(open_carts_count, 0) end as open_carts_count,
    case when has_events then coalesce(abandoned_carts_count, 0) end as abandoned_carts_count,
    days_ago(last_abandoned_date) as days_since_last_abandoned_cart,
    open_cart_amount,
    open_cart_score,
    case when has_events then coalesce(sessions_count, 0) end as sessions_count,
    case when has_events then sessions_after_registration end as sessions_after_registration_count,
    case when has_events then coalesce(requests, 0) end as requests_count,
    case when has_events then coalesce(product_views, 0) end as product_views_count,
    absence as days_since_last_session,
    case when has_events then coalesce(month_cart_adds, 0) end as month_cart_adds_count,
    case when has_events then coalesce(month_category_views, 0) end as month_category_views_count,
    case when has_events then coalesce(month_product_views, 0) end as month_product_views_count,
    case when has_events then coalesce(quarter_cart_adds, 0) end as quarter_cart_adds_count,
    case when has_events then coalesce(quarter_category_views, 0) end as quarter_category_views_count,
    case when has_events then coalesce(quarter_product_views, 0) end as quarter_product_views_count,
    case when has_events then coalesce(quarter_sessions, 0) end as quarter_sessions_count,
    case when has_events then coalesce(quarter_seconds, 0) end as quarter_visit_seconds,
    orders_per_session as orders_per_session_bp,
    case when visitor_orders is not null then long_visit end as long_visit_cut_seconds,
    case when visitor_orders is not null then many_views end as many_views_cut_count,
    case when visitor_orders is not null then few_orders end as few_orders_cut_bp,
    days_ago(last_cart_add) as days_since_last_cart_add,
    days_ago(last_category_view) as days_since_last_category_view,
    days_ago(last_product_view) as days_since_last_product_view,
    days_ago(first_session_date) as days_since_first_session,
    null::bigint as recent_emails_received_count,
    null::bigint as recent_emails_opened_count,
    null::bigint as recent_emails_clicked_count,
    case when has_events then coalesce(downloads, 0) end as downloads_count,
    null::int as days_since_last_email_click,
    null::bigint as decided_offers_count,
    null::bigint as redeemed_offers_count,
    coalesce(half_year_orders, 0) as loyalty_window_orders_count,
    len(channels) as sales_channels_count,
    case when has_events then coalesce(idle_sessions, 0) end as idle_sessions_count,
    case when has_events then coalesce(pending_carts, 0) end as pending_cart_sessions_count,
    case when has_events then coalesce(pending_checkouts, 0) end as pending_checkouts_count,
    case when has_events then coalesce(latest_checkouts, 0) end as latest_checkouts_count,
    case when has_events then coalesce(latest_payment_errors, 0) end as latest_payment_errors_count,
    case when is_asked_for_wishes then coalesce(wished_products, 0) end as wishlist_products_count,
    case when is_asked_for_wishes then coalesce(compared_products, 0) end as compared_products_count,
    case when is_asked_for_wishes then days_ago(last_wish) end as days_since_last_wish,
    top_category_share_bp,
    case when lined > 0 then coalesce(regular_lines, 0) end as regular_lines_count,
    bulk_orders as bulk_orders_count,
    half_up(paid_share_bp) as median_paid_share_bp,
    half_up(price_percentile_bp) as median_price_percentile_bp,
    bp(first_purchases, purchases) as first_purchase_share_bp,
    case when purchases > 0 then bp(refunded_orders, bought_orders) end as refunded_order_share_bp,
    null::bigint as launched_collections_count,
    null::bigint as followed_collections_count,
    due_products as due_products_count,
    null::bigint as interests_count,
    registered_at is not null as is_registered,
    null::boolean as is_birthday_soon,
    is_app_user,
    null::boolean as is_organisation,
    first_order_date < known_from as is_first_order_uncertain,
    null::boolean as is_email_contactable,
    null::boolean as is_sms_contactable,
    null::boolean as is_ads_contactable,
    null::boolean as is_profiling_allowed,
    null::boolean as is_loyalty_member,
    case when is_buyer then orders_count = 1 end as is_one_timer,
    case when is_buyer and second_gap_cut is not null then orders_count = 1 and age > second_gap_cut end
        as is_second_order_overdue,
    case when is_buyer then is_loyal end as is_repeat_loyal,
    silence < 30 as is_recent_buyer,
    silence >= 90 as is_lapsed_buyer,
    case when is_buyer then purchase_days = 1 and age < 30 end as is_new_customer,
    case when is_buyer then purchase_days > 1 and silence < 30 end as is_returning_customer,
    case when is_buyer then age >= 365 and orders_count >= 4 end as is_regular_customer,
    case when has_events then coalesce(days_ago(last_abandoned_date) < 30, false) end as is_cart_abandoner,
    case when is_buyer then cents(net_revenue_amount) * all_buyers > all_cents end as is_high_spender,
    case
        when is_buyer
            then coalesce(
                year_largest_order >= large_order or year_orders >= 3 and year_orders >= many_orders, false
            )
    end as is_big_buyer,
    is_lover as is_discount_lover,
    case
        when is_buyer and has_events
            then year_orders >= 3 and order_value_cents <= low_value_cents and year_median_products <= 2
                and view_to_buy_bp <= view_to_buy_cut
    end as is_thrifty_shopper,
    case
        when has_events then registered_at is not null and orders_count = 0 and sessions_after_registration >= 2
    end as is_registered_browser,
    case
        when has_events
            then not has_identifier
                and registered_at is null
                and last_placed_date is null
                and coalesce(requests, 0) = 0
                and coalesce(absence < 30, false)
    end as is_curious_browser,
    case when has_events then coalesce(days_ago(first_session_date) < 7, false) end as is_first_visitor,
    case when has_events then coalesce(sessions_count, 0) >= 2 and absence < 30 end as is_returning_visitor,
    case
        when has_events
            then coalesce(
                quarter_sessions >= 3
                and visitor_orders <= 1
                and orders_per_session <= few_orders
                and (
                    quarter_seconds >= greatest(long_visit, 1) or quarter_product_views >= greatest(many_views, 1)
                ),
                false
            )
    end as is_indecisive_shopper,
    case when has_events and is_buyer then silence >= 365 and coalesce(absence >= 180, true) end as is_idle,
    null::boolean as is_email_unengaged,
    null::boolean as is_newsletter_reader,
    null::boolean as is_offer_ignorer,
    null::boolean as is_loyalty_candidate,
    case when has_events then coalesce(latest_payment_errors > 0 or latest_checkouts >= 2, false) end
        as is_struggling_to_check_out,
    case when has_events then is_ready end as is_ready_to_convert,
    case when has_events then needs_incentive end as is_needs_incentive,
    len(channels) >= 2 as is_omnichannel,
    case when is_asked_for_wishes then coalesce(wished_products, 0) > 0 end as is_wishlist_holder,
    case when is_asked_for_wishes and is_lover is not null then is_lover and coalesce(wished_products, 0) > 0 end
        as is_sale_waiter,
    case when lined > 0 then coalesce(regular_lines, 0) > 0 end as is_regular_buyer,
    bulk_orders > 0 as is_bulk_buyer,
    null::boolean as is_trendy,
    price_percentile_bp <= 3000 as is_refill_buyer,
    price_percentile_bp >= 7000 as is_luxury_buyer,
    case
        when full_price_bp is not null and price_percentile_bp is not null
            then 10 * full_price_cents >= 8 * window_cents and price_percentile_bp >= 7000
    end as is_premium_payer,
    case when dated_products > 0 then due_products > 0 end as is_due_for_replenishment,
    case when categorised > 0 then false end as is_follow_up_candidate,
    first_seen_date,
    last_activity_date,
    registered_at::date as registered_date,
    first_order_date,
    last_order_date,
    case stage
        when 'new' then first_order_date
        when 'reactivated' then reactivated_on
        when 'at_risk' then last_order_date + 90
        when 'dormant' then last_order_date + 180
        when 'churned' then last_order_date + 365
        when 'active' then case
            when spell_start = first_order_date then least(first_order_date + 30, second_day)
            when spell_start = reactivated_on then reactivated_on + 30
            else spell_start
        end
    end as stage_entered_date
from told;
