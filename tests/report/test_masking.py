"""What counts as a phone or an e-mail in free text, and what does not."""

import pytest

from leadops.report.masking import mask, mask_phone


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("919876543210", "91•••••••210"),
        ("+91 98765-43210", "91•••••••210"),
        ("call (080) 2345-6789 now", "call 08••••••789 now"),
        ("asha.rao+x@mail.example.co.in", "a•••@mail.example.co.in"),
        ('{"phone": ["919876543210"]}', '{"phone": ["91•••••••210"]}'),
    ],
)
def test_phones_and_addresses_are_masked(text, shown):
    assert mask(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "66a1b2c3d4e5f60000000001",
        "2026-04-20 09:00",
        "2026-04-01..2026-04-30",
        "action 1001",
        "12 of 100",
        "1.2345678",
        "ACTION_1001234567",
    ],
)
def test_dates_ids_and_small_numbers_stay(text):
    assert mask(text) == text


def test_a_known_phone_is_masked_however_short():
    assert mask_phone("12345") == "•••••"
