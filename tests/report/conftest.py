"""A plan and its runs, made by sample.py, and every hostile text, one test each."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

HERE = Path(__file__).parent
SAMPLE = SimpleNamespace(**runpy.run_path(str(HERE / "sample.py")))
HOSTILE = runpy.run_path(str(HERE / "hostile.py"))["HOSTILE"]


def pytest_generate_tests(metafunc):
    if "hostile" in metafunc.fixturenames:
        metafunc.parametrize("hostile", HOSTILE, ids=[f"hostile{i}" for i in range(len(HOSTILE))])


@pytest.fixture
def sample():
    """Return what makes plans and runs."""
    return SAMPLE


@pytest.fixture
def poisoned(sample, hostile):
    """Return a plan and its run in which every text that a CRM or a service can hold is ``hostile``."""
    return poison(sample, hostile)


def poison(sample, text):
    from dataclasses import replace

    from leadops.model.change import ActionSpec, Change, FieldChange, Kind, LeadRef
    from leadops.model.lead import Lead, TimelineAction
    from leadops.model.query import Calls
    from leadops.model.run import Outcome, Remark, Result, RunResult
    from leadops.model.saved import Refusal, SavedStep, SearchUse

    lead = LeadRef("66a1b2c3d4e5f60000000001", text, text)
    update = Change("u", 0, Kind.UPDATE, lead, {"remark": FieldChange(text, text + "!")}, depends=text)
    append = Change("a", 0, Kind.APPEND, lead, action=ActionSpec("1001", {"note": text}))
    step = SavedStep(
        text, 1, 0,
        searches=(SearchUse({"fields": {"name": [text]}}, 1),),
        changes=(update, append),
        refused=(Refusal(lead, text, text, field="remark", value=text),),
        notes=(text,),
        explain=(text,),
        read=(Lead(lead.id, {"name": text}, (TimelineAction(None, text, 0, text, {"note": text}),)),),
    )  # fmt: skip
    saved = replace(
        sample.plan(leads=1, odd=False),
        title=text,
        workspace_name=text,
        steps=(step,),
        refusals=(text,),
        appliable=False,
    )
    remark = Remark("fields.remark", "remark", text, text)
    results = (
        Result(update, Outcome.REJECTED, "reply", text, (remark,)),
        Result(append, Outcome.IN_DOUBT, "", text),
    )
    run = RunResult("run-1", saved.digest, 3, text, results, Calls(1, 2), sample.NOW, sample.NOW + 1000)
    return saved, run
