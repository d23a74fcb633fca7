"""A CSV file twice as long takes about twice the time, within the stated caps and a stated memory."""

import gc
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

from leadops.analysis import rows
from tests.analysis.conftest import Compiling

MOST = 2.8
"""A square would be 4."""

HEAD = 'for each row in csv "new.csv" { match lead by phone = row.phone }\n'
KINDS = {
    "rows": lambda n: "phone,name,city\n" + "".join(f"98{i:08},Name {i},Pune\n" for i in range(n)),
    "foreign rows": lambda n: "phone,name\n" + "".join(f"+9715{i:08},Name {i}\n" for i in range(n // 4)),
    "floats": lambda n: "phone,name\n" + "".join(f"98{i:08}.0,nan\n" for i in range(n)),
    "mistakes": lambda n: "phone,name\n" + "".join(f"12{i:04},A\n" for i in range(n // 4)),
    "one key": lambda n: "phone,name\n" + "9811111111,A\n" * n,
    "ragged": lambda n: "phone,name\n" + "9811111111\n" * n,
    "quoted": lambda n: "phone,name\n" + "".join(f'"98{i:08}","A ""{i}""\nB"\n' for i in range(n)),
    "one long cell": lambda n: "phone,name\n9811111111," + "x y" * 10 * n + "\n",
    "one cell of quotes": lambda n: 'phone,name\n9811111111,"' + '""' * 10 * n + '"\n',
    "columns": lambda n: "phone,name" + "".join(f",c{i}" for i in range(n)) + "\n9811111111,A" + ",x" * n + "\n",
    "equal columns": lambda n: "phone,name" + "".join(f",c{i},c{i}" for i in range(n // 2)) + "\n",
    "columns without the key": lambda n: "name" + "".join(f",c{i}" for i in range(n)) + "\n",
    "blank lines": lambda n: "phone,name\n" + "\n" * 10 * n + "9811111111,A\n",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_garbage_only():
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def read(data, effects="set name = row.name", **options):
    return Compiling()(HEAD + effects, files={"new.csv": data}, **options)


def seconds(data):
    start = time.process_time()
    read(data)
    return time.process_time() - start


@pytest.mark.parametrize("kind", KINDS)
def test_twice_the_file_takes_about_twice_the_time(kind):
    make = KINDS[kind]
    seconds(make(100))
    ratios = []
    for _ in range(5):  # what else the machine does can only make a measurement longer
        once = min(seconds(make(4000)) for _ in range(2))
        twice = min(seconds(make(8000)) for _ in range(2))
        ratios.append(twice / once)
        if ratios[-1] <= MOST:
            return
    raise AssertionError(f"{kind}: {[round(ratio, 1) for ratio in ratios]}")


def test_more_columns_than_a_spreadsheet_holds_are_refused_at_once():
    start = time.process_time()
    (found,) = read(
        "phone,name" + "".join(f",c{i}" for i in range(200_000)) + "\n" + "x," * 200_001 + "x\n"
    ).diagnostics
    assert time.process_time() - start < 20
    assert (found.code, found.span.file) == ("E441", "main.lead")
    assert "has more than 16,384 columns in row 1" in found.message
    widest = "phone,name" + "".join(f",c{i}" for i in range(16_382)) + "\n9811111111,A" + ",x" * 16_382 + "\n"
    assert read(widest).diagnostics == ()


def test_a_row_of_millions_of_cells_is_given_up_before_they_are_kept():
    tracemalloc.start()
    (found,) = read("phone,name\n9811111111,A\n" + "," * 3_000_000).diagnostics
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.code, "row 3" in found.message) == ("E441", True)
    assert peak < 60_000_000, "each cell would take over a hundred bytes"


def test_more_rows_than_a_spreadsheet_holds_are_refused(monkeypatch):
    assert rows.MOST_ROWS == 1_048_576
    monkeypatch.setattr(rows, "MOST_ROWS", 3)
    data = "phone,name\n" + "".join(f"981111111{i},A\n" for i in range(3))
    assert read(data).diagnostics == ()
    (found,) = read(data + "9811111119,A\n").diagnostics
    assert found.code == "E441"


def test_a_missing_column_does_not_name_thousands():
    (found,) = read("name" + "".join(f",c{i}" for i in range(1000)) + "\n").diagnostics
    assert "and 971 more" in found.help


def test_a_row_keeps_only_the_columns_that_are_used():
    compiled = read("phone,name,a,b\n9811111111,A,x,y\n", 'set name = row.name, city = "{{ row.b }}"')
    assert dict(compiled.plan.steps[0].source.rows[0].cells) == {"phone": "9811111111", "name": "A", "b": "y"}


def test_two_hundred_thousand_rows_fit_into_four_hundred_megabytes():
    script = (
        "import re, resource\n"
        "from pathlib import Path\n"
        "from tests.analysis.test_large_files import KINDS, read\n"
        "compiled = read(KINDS['rows'](200_000))\n"
        "assert len(compiled.plan.steps[0].source.rows) == 200_000\n"
        "own = Path('/proc/self/status')  # getrusage counts what the process before exec had, too\n"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', own.read_text())[1] if own.exists() else resource.getrusage(0).ru_maxrss\n"
        "print(peak)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    peak = int(done.stdout) * (1 if sys.platform == "darwin" else 1024)
    assert peak < 400 * 1024 * 1024
