"""docs/sandbox.md says what the code does."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from leadops.sandbox.description.tables import effect_table, event_table, switch_table
from leadops.sandbox.faults.rules import read_scenario

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("table", [switch_table, effect_table, event_table])
def test_a_table_of_the_page_is_the_one_that_the_code_makes(table: Any) -> None:
    assert table() in PAGE, "take it from: python -m leadops.sandbox.description.tables"


def test_the_scenario_of_the_page_is_understood(empty: Any) -> None:
    (text,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    empty.world.stage(read_scenario(text))
    assert len(empty.world.faults.rules) == len(json.loads(text)["rules"]) == 2
    assert (empty.world.sync_limit, empty.world.switches["retry_after"]) == (600, "seconds")


def test_the_python_of_the_page_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, "docs/sandbox.md", "exec"), names)
    assert names["world"].switches["search_id"] == "off"
    assert names["world"].store.count_leads() == 500
    names["world"].store.close()
