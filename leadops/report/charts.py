"""Charts as inline SVG: bars and columns, coloured by the style sheet's classes, readable without colour."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from leadops.core.text import visible
from leadops.report.style import words
from leadops.report.variables import CountView, MinuteView

ALLOWED = 3600
"""Calls an hour that the service allows a workspace (docs/api.md, 2)."""
_WIDTH = 320
_ROW = 26


def bars(counts: Sequence[CountView], prefix: str = "") -> Markup:
    """Return a horizontal bar for each count; ``prefix`` and the name make the bar's class."""
    shown = [one for one in counts if one.count]
    top = max((one.count for one in shown), default=1)
    rows = []
    for i, one in enumerate(shown):
        name, y = words(visible(one.name)) if prefix else visible(one.name), i * _ROW
        kind = f"{prefix}{one.name}" if prefix else "bar"
        length = max(2, round(150 * one.count / top))
        rows.append(
            Markup(
                '<g><title>{0}: {1}</title><text x="118" y="{2}" class="l">{3}</text>'
                '<rect x="126" y="{4}" width="{5}" height="14" rx="3" class="{6}"/>'
                '<text x="{7}" y="{2}">{1}</text></g>'
            ).format(name, f"{one.count:,}", y + 15, _short(name), y + 4, length, kind, 132 + length)
        )
    return _svg(Markup("").join(rows), max(1, len(shown)) * _ROW, "bars")


def columns(minutes: Sequence[MinuteView]) -> Markup:
    """Return a column for each stretch of time."""
    top = max((one.count for one in minutes), default=1) or 1
    step = _WIDTH / max(1, len(minutes))
    rows = []
    for i, one in enumerate(minutes):
        height = round(78 * one.count / top)  # the largest count stands above
        rows.append(
            Markup(
                '<rect x="{}" y="{}" width="{}" height="{}" class="bar"><title>{}: {}</title></rect>'
            ).format(f"{i * step:.1f}", 96 - height, f"{max(1.0, step - 1.5):.1f}", height, one.at, one.count)
        )
    if minutes:
        ends = Markup(
            '<text x="0" y="114" class="s">{}</text><text x="{}" y="114" class="l">{}</text>'
        ).format(minutes[0].at, _WIDTH, minutes[-1].at)
        most = Markup('<text x="{}" y="10" class="l">{}</text>').format(_WIDTH, f"most: {top:,}")
        rows += [ends, most]
    return _svg(Markup("").join(rows), 120, "columns")


def meter(used: int, most: int = ALLOWED) -> Markup:
    """Return how much of ``most`` is ``used``, as a filled bar."""
    length = max(2, round(_WIDTH * min(1.0, used / most)))
    return _svg(
        Markup(
            '<title>{0} of {1}</title><rect x="0" y="4" width="{2}" height="14" rx="3" class="track"/>'
            '<rect x="0" y="4" width="{3}" height="14" rx="3" class="bar"/>'
            '<text x="0" y="38">{0} calls in the busiest hour</text>'
            '<text x="0" y="56">{4} % of the {1} that the service allows</text>'
        ).format(f"{used:,}", f"{most:,}", _WIDTH, length, f"{100 * used / most:.3g}"),
        62,
        "meter",
    )


def _svg(inside: Markup, height: int, kind: str) -> Markup:
    return Markup('<svg viewBox="0 0 {} {}" class="{}" role="img">{}</svg>').format(
        _WIDTH, height, kind, escape(inside)
    )


def _short(name: str) -> str:
    return name if len(name) <= 17 else name[:16] + "…"
