"""Opens the HTML report in Chromium at 1280 and 390 wide, light and dark, and plays its reader.

Checked: no console error (a broken content-security policy is one), nothing wider than the page, sorting and
filtering. Usage: python tests/look/report.py CHROMIUM [FOLDER FOR PICTURES]
"""

import json
import re
import runpy
import subprocess
import sys
import tempfile
from html import unescape
from pathlib import Path

from leadops.report.render import render_html
from leadops.report.view import view_of

HERE = Path(__file__).parent
SAMPLE = runpy.run_path(str(HERE.parent / "report" / "sample.py"))
HOSTILE = runpy.run_path(str(HERE.parent / "report" / "hostile.py"))["HOSTILE"]
WIDTHS = (1280, 390)
SCHEMES = {"light": "1", "dark": "0"}


def pages():
    """Yield the pages to look at: a plan and a run with every outcome, and one full of hostile texts."""
    plan = SAMPLE["plan"](leads=60)
    yield "plan", view_of(plan, schema=SAMPLE["SCHEMA"])
    run = SAMPLE["troubled"](plan)
    calls = [run.started_ms + i * i * 10 for i in range(120)]
    yield "run", view_of(plan, run, schema=SAMPLE["SCHEMA"], calls_at_ms=calls)
    nasty = SAMPLE["plan"](leads=9, note="".join(HOSTILE), title=" ".join(HOSTILE))
    yield "hostile", view_of(nasty, SAMPLE["troubled"](nasty))


def look(chromium, folder, name, page, width, scheme):
    """Return what is wrong with ``page`` at this width and scheme, as a list of sentences."""
    harness = (HERE / "harness.html").read_text(encoding="utf-8")
    inside = json.dumps(page).replace("<", "\\u003c")
    values = {"WIDTH": str(width), "HEIGHT": "1800", "DARK": json.dumps(scheme == "dark"), "PAGE": inside}
    path = Path(folder) / f"{name}-{width}-{scheme}.html"
    path.write_text(re.sub("@([A-Z]+)@", lambda m: values[m.group(1)], harness), encoding="utf-8")
    command = [
        chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr",
        f"--user-data-dir={folder}/profile", f"--window-size={max(500, width)},1800", "--virtual-time-budget=20000",
        f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}",
    ]  # fmt: skip
    if len(sys.argv) > 2:
        picture = Path(sys.argv[2]) / f"{name}-{width}-{scheme}.png"
        subprocess.run([*command, f"--screenshot={picture}", path.as_uri()], capture_output=True, timeout=120)
    done = subprocess.run([*command, "--dump-dom", path.as_uri()], capture_output=True, timeout=120)
    log = done.stderr.decode(errors="replace")
    troubles = [line for line in log.splitlines() if "CONSOLE" in line]
    found = re.search('<pre id="verdict"[^>]*>(.*?)</pre>', done.stdout.decode(errors="replace"), re.DOTALL)
    if not found or not found.group(1):
        return [*troubles, f"the page never came to an end: {log[-2000:]}"]
    return troubles + json.loads(unescape(found.group(1)))["troubles"]


def main():
    """Look at every page in every way; print each with its troubles and exit 1 if there are any."""
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for name, view in pages():
            page = "".join(render_html(view))
            for width in WIDTHS:
                for scheme in SCHEMES:
                    troubles = look(sys.argv[1], folder, name, page, width, scheme)
                    lines = [f"{'FAILED' if troubles else 'ok':7}report {name} {width} {scheme}", *troubles]
                    sys.stdout.write("\n        ".join(lines) + "\n")
                    failed = failed or bool(troubles)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
