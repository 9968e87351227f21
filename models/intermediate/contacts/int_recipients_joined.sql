-- Grain: one row per person who can be reached by e-mail address, phone number or postal address.
-- Personal data: this table is read by the audience files and published nowhere.
with contacts as (

    select * from {{ ref('int_contacts_chosen') }}

),

names as (

    select * from {{ ref('int_customer_names_chosen') }}

),

countries as (

    select * from {{ ref('int_customer_countries_judged') }}

),

words as (

    select * from {{ ref('country_words') }}

),

people as (

    select customer_id from contacts
    union
    select customer_id from names

),

final as (

    select
        people.customer_id,
        contacts.email,
        contacts.phone,
        names.first_name,
        names.last_name,
        words.country_code,
        names.postal_code,
        coalesce(countries.is_ads_consent_required, true) as is_ads_consent_required
    from people
    left join contacts
        on people.customer_id = contacts.customer_id
    left join names
        on people.customer_id = names.customer_id
    left join countries
        on people.customer_id = countries.customer_id
    left join words
        on lower(trim(names.country)) = words.country_word

)

select * from final
