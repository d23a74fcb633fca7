"""Tables of results as text, and whether their targets were met."""

import sys
from dataclasses import dataclass, field


@dataclass(slots=True)
class Results:
    """What was measured.

    Attributes:
        missed: a sentence for each target that was not met.
    """

    missed: list = field(default_factory=list)

    def table(self, title, head, rows):
        """Write a table; numbers are right-aligned."""
        cells = [[_cell(one) for one in row] for row in (head, *rows)]
        widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
        sys.stdout.write(f"\n{title}\n")
        for number, row in enumerate(cells):
            line = "  ".join(
                text.ljust(width) if isinstance(original, str) else text.rjust(width)
                for text, width, original in zip(row, widths, rows[max(0, number - 1)], strict=True)
            )
            sys.stdout.write(f"  {line.rstrip()}\n")
            if not number:
                sys.stdout.write("  " + "  ".join("-" * width for width in widths) + "\n")
        sys.stdout.flush()

    def require(self, holds, sentence):
        """Note a target."""
        if not holds:
            self.missed.append(sentence)


def _cell(value):
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
