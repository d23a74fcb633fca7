"""docs/reliability.md names a test for each fault, and each of them exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    (int(number), fault.strip(), tests.strip())
    for number, fault, tests in re.findall(
        r"^\| (\d\d?) \| (.*?) \| (.*) \|$",
        (ROOT / "docs" / "reliability.md").read_text("utf-8"),
        re.MULTILINE,
    )
]


def test_every_fault_of_the_table_is_there():
    assert [number for number, _, _ in ROWS] == list(range(1, 83))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0]))
def test_a_fault_has_a_test_or_a_reason(row):
    _, _, tests = row
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", tests)
    assert named or tests.startswith("not applicable, because ")
    for file, name in named:
        text = (ROOT / "tests" / file).read_text("utf-8")
        assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), f"{file}::{name}"
