"""What every part of the analysis looks up and writes to while one playbook is compiled."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal
from zoneinfo import ZoneInfo

from leadops.analysis.define_expansion import Size
from leadops.analysis.targets import Target
from leadops.core.diagnostics import Diagnostic, Findings, Fix, Severity
from leadops.core.fast_dataclass import record
from leadops.core.positions import Span, part_of
from leadops.model.plan import Expression
from leadops.model.predicate import Condition, Window
from leadops.model.schema import FieldType, Schema
from leadops.predicate.fieldproofs import Known
from leadops.syntax import ast

TEXT = r'("(?:[^"\\\\\r\n]|\\\\.)*")'
"""A text in double quotes, and a number: parts of a statement that findings stand on."""
COUNT = r"([+-]?[0-9]+(?:\.[0-9]+)?)"

Shape = Literal["word", "string", "number", "date"]


@record()
class Argument:
    """A parameter's value.

    Attributes:
        text: as text; a phone in canonical digits, a period in its canonical spelling.
        shape: what kind of literal it stands for.
        period: of ``period`` parameters.
    """

    name: str
    type: str
    text: str
    shape: Shape
    period: ast.Period | None = None


@record()
class CellUse:
    """A column of the step's CSV file and the field that its cells are typed for; None: used as text."""

    column: str
    target: Target | None
    span: Span


@record()
class MadeText:
    """A field of the lead that a template is written to.

    Attributes:
        reads: the lead's fields that the template reads.
        settles: whether it makes the same again from what it made.
    """

    name: str
    reads: frozenset[str]
    settles: bool
    span: Span


@record()
class Suspect:
    """Letters that look like another tool's template.

    Attributes:
        name: what stands in its brackets.
        weak: such brackets stand around ordinary words as well.
        mild: a warning is enough, whoever has the name.
    """

    text: str
    name: str
    span: Span
    weak: bool
    mild: bool


@record()
class OtherWord:
    """A bare word of an effect that may name a column of the CSV file."""

    text: str
    span: Span


@record()
class Case:
    """A branch of a ``when``.

    Attributes:
        when: which one of the step's.
        condition: that its leads satisfy; None where it could not be understood.
    """

    when: int
    then: bool
    condition: Condition | None


@record()
class Claim:
    """What an effect wants of a field of the lead.

    Attributes:
        value: that ``set`` wants; nothing for ``clear``; None where it could not be understood.
        tags: known ones that are added or removed.
        path: the cases that lead to it.
    """

    name: str
    type: FieldType
    verb: Literal["set", "add", "remove"]
    value: Expression | None
    tags: tuple[str, ...]
    path: tuple[Case, ...]
    span: Span


@record(frozen=False)
class StepState:
    """What one step's statements have said so far.

    Attributes:
        rows: True where the source is ``for each row``.
        has_lead: False where no lead exists before the step (``create``).
        new_option: ``allow new option`` stands in the step.
        cells: columns used.
        columns: all that the CSV file has.
        windows: periods used, resolved.
        appends: how many ``add action`` and ``add payment`` were met.
        rules: names of appends, with their places.
        made: fields that templates are written to.
        suspects: letters that may name a column of the CSV file.
        words: bare words that may.
        claims: what effects want of the lead's fields.
        path: the cases around the effect at hand.
        whens: how many ``when`` were met.
        found: what the step's leads satisfy; None: nothing that is known.
    """

    rows: bool = False
    has_lead: bool = True
    new_option: bool = False
    cells: list[CellUse] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    windows: list[Window] = field(default_factory=list)
    appends: int = 0
    rule_base: str = ""
    rules: list[tuple[str, Span]] = field(default_factory=list)
    made: list[MadeText] = field(default_factory=list)
    suspects: list[Suspect] = field(default_factory=list)
    words: list[OtherWord] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    path: tuple[Case, ...] = ()
    whens: int = 0
    found: Condition | None = None


@record(frozen=False)
class Context:
    """The surroundings of every lowering function.

    Attributes:
        schema: None: names and what hangs on them are not checked.
        country_code: of phones without one.
        unchecked: errors about values are warnings.
        call_types: what ``called`` means; None: every known outgoing type.
        notify_names: names of the profile's ``[notify]``; None: unknown.
        params: values by name; None where a parameter has none (said elsewhere).
        defines: by name.
        sources: texts of every file read, by name.
        incomplete: an include could not be read, so that an unknown param or define may be one of its own.
        attempted: names that statements which could not be read seem to declare.
        sizes: how far each define unfolds, by name.
        unfolded: how many tests the steps' defines have unfolded to so far.
        used: names of the params (``$name``) and defines (``name``) that something refers to.
        step: the step at hand; None outside of steps.
        known: what the schema tells of fields for proofs; made when first asked for.
    """

    findings: Findings
    schema: Schema | None
    zone: ZoneInfo
    now_ms: int
    country_code: str = "91"
    unchecked: bool = False
    call_types: tuple[str, ...] | None = None
    notify_names: frozenset[str] | None = None
    params: Mapping[str, Argument | None] = field(default_factory=dict)
    defines: Mapping[str, ast.Define] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    incomplete: bool = False
    attempted: frozenset[str] = frozenset()
    sizes: Mapping[str, Size] = field(default_factory=dict)
    unfolded: int = 0
    used: set[str] = field(default_factory=set)
    step: StepState = field(default_factory=StepState)
    known: Known | None = None

    def may_be_declared(self, name: str) -> bool:
        """Whether a param or define that is not known may stand in what could not be read."""
        return self.incomplete or name in self.attempted

    def part(self, span: Span, pattern: str) -> Span:
        """Return where ``pattern`` (its first group) first stands in the text under ``span``; else ``span`` itself."""
        return part_of(self.sources.get(span.file, ""), span, pattern)

    def error(
        self, code: str, message: str, span: Span | None, help: str = "", fix: Fix | None = None
    ) -> None:
        """Add an error."""
        self.findings.error(code, message, span, help, fix)

    def warning(
        self, code: str, message: str, span: Span | None, help: str = "", fix: Fix | None = None
    ) -> None:
        """Add a warning."""
        self.findings.warning(code, message, span, help, fix)

    def hint(self, code: str, message: str, span: Span | None, help: str = "") -> None:
        """Add a hint."""
        self.findings.add(Diagnostic(code, Severity.HINT, message, span, help))
