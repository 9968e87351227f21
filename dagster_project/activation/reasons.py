"""Why a member of a segment is not in an audience file, in the order in which it is asked. A closed list."""

from __future__ import annotations

REASONS = {
    "segment_too_small": "The segment has fewer than 30 members: it is for reports only, and its files stay empty.",
    "consent_unknown": "Never said anything about the channel, or about the purpose that the audience names.",
    "consent_withdrawn": "The latest word on it is no; unsubscribing and complaining are a no.",
    "eea_without_ads_consent": "Lives or had an order sent to the EEA, the United Kingdom, Switzerland or a place that "
    "nobody knows, and has not allowed both `ad_user_data` and `ad_personalization`; a consent to `ads` with an empty "
    "purpose allows both.",
    "ordered_lately": "Ordered in the last days, 3 unless `quiet_days_after_order` of the audience says otherwise.",
    "in_other_segment": "Is in a segment that comes first: one that the audience names under `unless_in`.",
    "no_email": "No e-mail address belongs to this person alone.",
    "invalid_email": "What is known has not the shape of an address.",
    "no_identifier": "An ad platform could recognize the person by nothing: no address, no number, no whole postal "
    "address.",
    "duplicate": "The platform takes the person for one who stands in the file already.",
    "erasure_requested": "Asked to be erased, and `segments erase` has not been run yet.",
    "suppressed": "On the suppression list, or shares an address or number with somebody whom an objection protects.",
    "withdrawn_since": "Withdrew the consent, unsubscribed or complained after the as-of date.",
}
