"""The names that RFM scores get on each map, as their authors list or describe them."""

from __future__ import annotations

from fractions import Fraction

TOP = {"grid11": 5, "klaviyo6": 3, "shopify11": 5, "pymc5": 4}

# Rows: recency 5 to 1; columns: (F + M + 1) // 2 from 5 to 1.
GRID = {
    5: ("Champions", "Champions", "Loyal", "Potential Loyalist", "Recent"),
    4: ("Champions", "Loyal", "Potential Loyalist", "Potential Loyalist", "Promising"),
    3: ("Loyal", "Loyal", "Potential Loyalist", "Needing Attention", "Promising"),
    2: ("At Risk", "At Risk", "Needing Attention", "Needing Attention", "About To Sleep"),
    1: ("Can't Lose Them", "Can't Lose Them", "At Risk", "Hibernating", "Lost"),
}

_KLAVIYO = {
    "Champions": {333, 332, 323},
    "Loyal": {331, 322, 321, 233, 232},
    "Recent": {313, 312, 311, 223, 222},
    "Needs attention": {221, 213, 133, 132, 123},
    "At risk": {231, 212, 211, 131, 122},
    "Inactive": {121, 113, 112, 111},
}

# Recency by the mean of frequency and money: at least 4, at least 2.5, less.
_SHOPIFY = {
    5: ("Champions", "Active", "New"),
    4: ("Loyal", "Active", "Promising"),
    3: ("Loyal", "Needs attention", "Promising"),
    2: ("Previously loyal", "At risk", "Almost lost"),
    1: ("Previously loyal", "At risk", "Dormant"),
}

_PYMC = {
    "Premium": "333 334 343 344 433 434 443 444",
    "Repeat": "143 232 233 234 243 244 332",
    "Top Spender": "124 133 134 144 224 313 314 323 324 413 414 423 424",
    "At Risk": "122 123 132 212 214 222 223 312 322 412 422",
    "Inactive": "111 112 113 114 211 311 411",
}


def group(rfm_map: str, recency: int, frequency: int, monetary: int) -> str:
    """The name of three scores on a map."""
    if rfm_map == "grid11":
        return GRID[recency][5 - (frequency + monetary + 1) // 2]
    if rfm_map == "shopify11":
        mean = Fraction(frequency + monetary, 2)
        return _SHOPIFY[recency][0 if mean >= Fraction(4) else 1 if mean >= Fraction(5, 2) else 2]
    if rfm_map == "klaviyo6":
        code = 100 * recency + 10 * frequency + monetary
        (name,) = (name for name, codes in _KLAVIYO.items() if code in codes)
        return name
    listed = [name for name, codes in _PYMC.items() if f"{recency}{frequency}{monetary}" in codes.split()]
    return listed[0] if listed else "Other"
