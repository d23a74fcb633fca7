"""A change of case or blanks only: done when exactly that is there, not when something equal by type is."""

import pytest

from leadops.engine.apply.settle.outcome import judge_fields
from leadops.model.change import Change, FieldChange, Kind, LeadRef
from leadops.model.run import Outcome
from leadops.model.schema import FieldType
from leadops.model.values import reached


@pytest.mark.parametrize(
    ("there", "before", "after", "done"),
    [
        ("Asha Rao", "asha rao", "Asha Rao", True),
        ("asha rao", "asha rao", "Asha Rao", False),
        ("asha rao ", "Asha", "Asha Rao", True),
        ("Asha", "Asha", "Asha Rao", False),
        ("Asha Rao", None, "Asha Rao", True),
    ],
)
def test_what_a_change_asked_for_is_there(there, before, after, done):
    assert reached(there, before, after, FieldType.TEXT) is done


def test_a_service_that_keeps_the_old_case_has_ignored_the_change():
    change = Change("k", 0, Kind.UPDATE, LeadRef("1", ""), {"name": FieldChange("asha rao", "Asha Rao")})
    assert judge_fields(change, {"name": "asha rao"}, "echo").outcome is Outcome.IGNORED_BY_CRM
    assert judge_fields(change, {"name": "Asha Rao"}, "echo").outcome is Outcome.CHANGED
