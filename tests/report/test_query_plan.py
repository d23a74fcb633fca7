"""The query plan in a report: instants stay readable where phones and e-mails are masked."""

from dataclasses import replace

from leadops.model.saved import SavedStep
from leadops.report.view import view_of
from tests.report.sample import plan

LINE = 'search {"created_on":{"from":1794249000000},"phone":"919812345678"}'


def test_a_query_plan_shows_its_instants_and_masks_its_phones():
    saved = replace(plan(), steps=(SavedStep("s", 1, 0, explain=(LINE,)),))
    (masked,) = view_of(saved, pii="mask").steps[0].explain
    assert "1794249000000" in masked
    assert "919812345678" not in masked
    assert view_of(saved).steps[0].explain == (LINE,)
