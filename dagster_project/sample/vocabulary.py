"""The words of the sample shop: places, channels, products, statuses. No logic and no chance in here."""

from __future__ import annotations

CURRENCY = "EUR"
SHOP_ID = "main"

# Country -> (weight, locale of names, regions).
COUNTRIES: dict[str, tuple[float, str, tuple[str, ...]]] = {
    "DE": (0.46, "de_DE", ("Bayern", "Berlin", "Hamburg", "Hessen", "Nordrhein-Westfalen", "Sachsen")),
    "AT": (0.14, "de_AT", ("Salzburg", "Steiermark", "Tirol", "Wien")),
    "FR": (0.18, "fr_FR", ("Bretagne", "Grand Est", "Occitanie", "Île-de-France")),
    "NL": (0.13, "nl_NL", ("Limburg", "Noord-Holland", "Utrecht", "Zuid-Holland")),
    "ES": (0.09, "es_ES", ("Andalucía", "Catalunya", "Galicia", "Madrid")),
}
MAIL_DOMAINS = ("example.com", "example.net", "example.org")

# Category -> (product lines, things, lowest and highest list price in cents, replenishment days or 0, season).
CATEGORIES: dict[str, tuple[tuple[str, str], tuple[str, ...], tuple[int, int], int, str]] = {
    "coffee": (("Morning", "Roastery"), ("Espresso", "Filter coffee", "Decaf", "Cold brew"), (690, 2490), 28, ""),
    "tea": (("Garden Tea", "Evening"), ("Green tea", "Black tea", "Herbal tea", "Rooibos"), (390, 1890), 45, ""),
    "kitchen": (("Cast Iron", "Bakery"), ("Pan", "Knife", "Bowl", "Baking tin", "Board"), (1290, 14900), 0, ""),
    "garden": (("Balcony", "Orchard"), ("Planter", "Watering can", "Secateurs", "Seed box"), (590, 8900), 0, "summer"),
    "bath": (("Linen", "Soapworks"), ("Soap", "Shampoo bar", "Towel", "Bath salt"), (450, 4900), 60, ""),
    "textiles": (("Wool", "Linen Home"), ("Blanket", "Scarf", "Cushion", "Throw"), (1990, 17900), 0, "winter"),
    "books": (("Cookery", "Green Thumb"), ("Cookbook", "Garden book", "Notebook"), (990, 3990), 0, ""),
    "toys": (("Wooden", "Outdoor Play"), ("Puzzle", "Building set", "Kite", "Train"), (890, 7900), 0, ""),
}
PRODUCT_ADJECTIVES = ("Amber", "Blue", "Classic", "Fine", "Hand-made", "Nordic", "Old Town", "Rustic", "Small", "Wild")
TAGS = ("organic", "gift-idea", "handmade", "vegan", "bestseller", "limited")
GIFT_CARD_CENTS = (2500, 5000, 10000)
SEARCHES = ("gift", "coffee beans", "blanket", "towel set", "seeds", "puzzle", "soap", "espresso", "cookbook", "pan")

# Channel -> (weight, campaigns).
CHANNELS: dict[str, tuple[float, tuple[str, ...]]] = {
    "direct": (0.27, ("",)),
    "organic_search": (0.26, ("",)),
    "paid_search": (0.15, ("brand-search", "coffee-search", "gift-search")),
    "email": (0.16, ("newsletter", "spring-mailing", "black-week")),
    "social": (0.11, ("", "autumn-video", "garden-stories")),
    "affiliate": (0.05, ("partner-01", "partner-02")),
}
DEVICE_TYPES: dict[str, float] = {"mobile": 0.48, "desktop": 0.34, "app": 0.12, "tablet": 0.06}

COUPONS = ("WELCOME10", "SPRING15", "BLACK20", "FRIENDS5", "SUMMER30")
FREE_SHIPPING_COUPON = "FREESHIP"
OFFLINE_CHANNELS = ("store", "marketplace", "phone")
# A till that types the same address for everybody: it must link nobody.
TILL_EMAIL = "till@example.com"

SURVEY_ANSWERS: dict[str, tuple[str, ...]] = {
    "occupation": ("employee", "self-employed", "student", "retired", "teacher"),
    "marital_status": ("single", "married", "divorced", "widowed"),
    "education": ("secondary", "vocational", "bachelor", "master"),
    "income_band": ("under 20k", "20k-40k", "40k-70k", "over 70k"),
}

EVENT_TYPES = (
    "page_view",
    "product_view",
    "category_view",
    "search",
    "add_to_cart",
    "remove_from_cart",
    "checkout_started",
    "payment_failed",
    "purchase",
    "wishlist_add",
    "signup",
    "login",
    "newsletter_signup",
    "content_download",
    "video_played",
    "wishlist_remove",
)
PAGE_TYPES: dict[str, str] = {
    "page_view": "home",
    "product_view": "product",
    "category_view": "category",
    "search": "search",
    "add_to_cart": "product",
    "remove_from_cart": "cart",
    "checkout_started": "checkout",
    "payment_failed": "checkout",
    "purchase": "checkout",
    "wishlist_add": "product",
    "signup": "other",
    "login": "other",
    "newsletter_signup": "content",
    "content_download": "content",
    "video_played": "content",
    "wishlist_remove": "other",
}
