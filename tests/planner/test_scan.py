"""Pages that move while they are read are repaired, or refused by name."""

import asyncio

import pytest

from leadops.core.errors import RefusedError
from leadops.engine.select.selector import SelectAround, select
from leadops.model import predicate as p
from leadops.model.schema import FieldType as T

WON = p.Equals("status", T.STATUS, "Won")


def world_of(fake, size=350):
    return [fake.row(n, created=fake.NOW - n * fake.HOUR, status="Won") for n in range(size)]


def run(fake, service, **step):
    made = fake.step_of(WON, **step)
    around = SelectAround(fake.Verdicts(), fake.Index(), wall_ms=fake.NOW)
    return asyncio.run(select(made, fake.plan_of(made), service, around))


def after(pages, deed):
    """Return a hook that does ``deed`` once, before the page after so many pages."""
    done = []

    def hook(service):
        if service.pages == pages + 1 and not done:
            done.append(True)
            deed(service)

    return hook


def test_a_new_lead_does_not_shift_a_frozen_scan(fake):
    world = world_of(fake)
    service = fake.Fake(world)
    service.before_page = after(
        2, lambda s: s.world.insert(0, fake.row(900, created=fake.NOW + 5, status="Won"))
    )
    found = run(fake, service)
    assert found.matched == 350
    assert service.pages == 4


@pytest.mark.parametrize("gone", [3, 150, 349])
def test_a_lead_that_leaves_while_reading_hides_no_other(fake, gone):
    world = world_of(fake)
    others = {lead["id"] for n, lead in enumerate(world) if n != gone}
    service = fake.Fake(world)
    service.before_page = after(2, lambda s: s.world.pop(gone))
    found = run(fake, service)
    assert others <= {lead.id for lead in found.leads}


def test_a_lead_that_enters_behind_the_reading_is_no_contradiction(fake):
    world = world_of(fake)
    world[5]["fields"]["status"] = "Lost"
    service = fake.Fake(world)
    service.before_page = after(2, lambda s: s.world[5]["fields"].update(status="Won"))
    found = run(fake, service)
    assert found.matched == 349


@pytest.mark.parametrize("size", [100, 250, 350])
@pytest.mark.parametrize("lie", ["drop row", "repeat page", "shift page", "more total", "less total"])
def test_a_page_that_lies_is_refused_by_name_or_made_good(fake, lie, size):
    world = world_of(fake, size)
    service = fake.Fake(world, lies=(lie,))
    refusal = None
    try:
        found = run(fake, service)
    except RefusedError as error:
        refusal = error
    assert "status" in str(refusal) if refusal else found.matched == size


def test_reading_again_never_goes_on_for_ever(fake):
    service = fake.Fake(world_of(fake), lies=("repeat page",))
    with pytest.raises(RefusedError):
        run(fake, service)
    assert service.pages < 12


def test_rows_of_equal_time_are_all_found(fake):
    world = [fake.row(n, status="Won") for n in range(350)]
    assert run(fake, fake.Fake(world)).matched == 350
