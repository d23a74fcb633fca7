"""Identifiers are looked up a hundred a call."""

import asyncio

import pytest

from leadops.core.errors import RefusedError
from leadops.planner.lookup import lookup_identifiers


def look(fake, service, values):
    return asyncio.run(lookup_identifiers(values, fake.SCHEMA, service))


def test_a_call_takes_a_hundred_and_every_value_has_an_answer(fake):
    world = [fake.row(n) for n in range(250)]
    service = fake.Fake(world)
    wanted = [lead["fields"]["phone"] for lead in world] + ["+91 80000 00000"]
    found = look(fake, service, wanted)
    assert len(service.log) == 3
    assert found["918000000000"] == ()
    assert all(found[lead["fields"]["phone"]][0].id == lead["id"] for lead in world)


def test_spellings_of_one_phone_are_one_value(fake):
    service = fake.Fake([fake.row(7)])
    found = look(fake, service, ["9000000007", "+91 90000-00007", "", None])
    assert list(found) == ["919000000007"]
    assert service.log[0][0] == {"fields": {"phone": "919000000007"}}


def test_ten_digits_of_another_country_are_found_as_the_service_holds_them(fake):
    service = fake.Fake([{**fake.row(7), "fields": {**fake.row(7)["fields"], "phone": "6581234567"}}])
    assert len(look(fake, service, ["+6581234567"])["6581234567"]) == 1


def test_a_refused_list_is_halved(fake):
    world = [fake.row(n) for n in range(100)]
    service = fake.Fake(world, cap=30)
    found = look(fake, service, [lead["fields"]["phone"] for lead in world])
    assert sum(len(leads) for leads in found.values()) == 100
    assert len(service.log) == 2 + 4


def test_two_leads_of_one_identifier_are_both_told(fake):
    world = [fake.row(1), {**fake.row(1), "id": "b" * 24}]
    assert len(look(fake, fake.Fake(world), ["9000000001"])["919000000001"]) == 2


def test_answers_that_were_not_asked_for_are_refused(fake):
    service = fake.Fake([fake.row(n) for n in range(3)], lies=("ignore everything",))
    with pytest.raises(RefusedError, match="ignores a list of phone"):
        look(fake, service, ["9000000001"])
