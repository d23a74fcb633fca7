"""The built-in action types that leadops knows, and what a payment may hold (docs/api.md §8).

The service's own list is open: more telephony vendors may follow.
"""

_VENDORS = ("MAQSAM_", "IVR_", "MCUBE_", "KNOWLARITY_", "CALLER_DESK_")

OUTGOING_CALLS = ("OUTGOING_CALL", *(f"{vendor}OUTGOING_CALL" for vendor in _VENDORS))
"""What ``called`` means where the profile names no ``call_types``."""
INCOMING_CALLS = ("INCOMING_CALL", *(f"{vendor}INCOMING_CALL" for vendor in _VENDORS))
"""What ``called us`` means."""
MISSED_CALLS = ("MISSED_CALL",)
"""What ``missed call`` means."""

PAYMENT = "PAYMENT"

BUILT_IN = (
    *OUTGOING_CALLS,
    *INCOMING_CALLS,
    *MISSED_CALLS,
    "CALL_ACTION",
    "INCOMING_WHATSAPP_MSG",
    "OUTGOING_WHATSAPP_MSG",
    "WHATSAPP_ACTION",
    "OUTGOING_SMS",
    "OUTGOING_EMAIL",
    "CALL_FOLLOWUP_COMPLETION_ACTION",
    "TODO_TASK_COMPLETION_ACTION",
    "GOOGLE_MEET_COMPLETION_ACTION",
    "USER_NOTE",
    "SYSTEM_NOTE",
    "LEAD_ASSIGNMENT",
    "CUSTOM_API",
    PAYMENT,
)
"""Every built-in type that is known; all but PAYMENT can only be read."""

PAYMENT_STATUSES = ("PENDING", "COMPLETED", "FAILED", "REFUNDED", "CANCELLED", "PROCESSING")
CURRENCIES = ("INR", "USD", "PKR", "AED", "QAR", "SAR", "MYR", "AUD", "CAD", "SGD", "XOF")
