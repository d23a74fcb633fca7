"""Parameters: what was given on the command line, else in the environment (secrets), else the default."""

from collections.abc import Mapping

from leadops.analysis.context import Argument, Shape
from leadops.analysis.files import FileRefused, Files
from leadops.analysis.nothing import CLEARING_WORDS
from leadops.analysis.periods import PeriodError, window
from leadops.analysis.targets import Target
from leadops.analysis.values import Rules, broken_message, convert
from leadops.core.cells import is_broken_cell
from leadops.core.diagnostics import Findings
from leadops.core.did_you_mean import did_you_mean
from leadops.core.fast_dataclass import record
from leadops.core.positions import Span
from leadops.core.text import fold
from leadops.model.phones import read_phone
from leadops.model.schema import FieldType
from leadops.syntax import ast
from leadops.syntax.parser import parse
from leadops.syntax.printing.canonical import print_period, print_text

SECRET_PREFIX = "LEADOPS_PARAM_"  # noqa: S105 (the beginning of a variable's name)
_TYPES = {
    "email": FieldType.EMAIL,
    "phone": FieldType.PHONE,
    "number": FieldType.NUMBER,
    "date": FieldType.DATE,
}
_SHAPES: Mapping[str, Shape] = {"number": "number", "date": "date"}


@record()
class ParamResolver:
    """Where values of parameters come from, and how they are read.

    Attributes:
        given: from the command line and parameter files.
        environment: of the process; for secrets.
        now_ms: the playbook's clock, for periods.
        unchecked: what is no phone is told of and kept as it stands.
    """

    given: Mapping[str, str]
    environment: Mapping[str, str]
    files: Files
    rules: Rules
    now_ms: int
    findings: Findings
    unchecked: bool = False

    def resolve(self, declared: Mapping[str, ast.Param]) -> dict[str, Argument | None]:
        """Return each parameter's value by name; None where it has none, which has been said."""
        for name in self.given:
            if name not in declared:
                known = "the playbook declares: " + (", ".join(declared) or "none")
                advice = did_you_mean(name, declared) or known
                self.findings.error("E411", f"the playbook has no param “{name}”", None, advice)
        return {name: self._one(param) for name, param in declared.items()}

    def _one(self, param: ast.Param) -> Argument | None:
        given = self.given.get(param.name)
        if param.type == "secret":
            return self._secret(param, given)
        if given is not None:
            return self._typed(param, given, None)
        match param.default:
            case None:
                self.findings.error(
                    "E410",
                    f"the param {param.name} ({param.type}) has no value",
                    param.span,
                    f"give it: -p {param.name}=…",
                )
                return None
            case ast.ParamRef(span=span) | ast.RowRef(span=span) | ast.List(span=span):
                self.findings.error("E412", "the default of a param is a plain value", span)
                return None
            case ast.Word(text=text, span=span) if param.type == "text" and fold(text) in CLEARING_WORDS:
                message = f"“{text}” may be a word or no value"
                self.findings.error("E230", message, span, f'write {print_text(text)}; for no value write ""')
                return None
            case (
                ast.Word(text=text, span=span)
                | ast.String(text=text, span=span)
                | ast.Number(text=text, span=span)
                | ast.Date(text=text, span=span)
            ):
                return self._typed(param, text, span)
            case ast.DayPeriod(day=day, span=span) if param.type == "date":
                return self._typed(param, day, span)
            case period:
                return self._period(param, period, period.span)

    def _secret(self, param: ast.Param, given: str | None) -> Argument | None:
        variable = SECRET_PREFIX + param.name.upper()
        if param.default is not None:
            message = "a secret cannot stand in a playbook"
            self.findings.error("E413", message, param.default.span, f"set {variable}")
            return None
        text = given if given is not None else self.environment.get(variable)
        if text is None:
            advice = f"set {variable}, or name a file with --param-file"
            self.findings.error("E410", f"the secret {param.name} has no value", param.span, advice)
            return None
        return Argument(param.name, "secret", text, "string")

    def _typed(self, param: ast.Param, text: str, span: Span | None) -> Argument | None:
        if param.type == "period":
            period = parse_period(text)
            if period is None:
                self._wrong(param, f"“{text}” is not a period", span, "write April 2026, or last 14 days")
                return None
            return self._period(param, period, span)
        if param.type == "file":
            return self._file(param, text, span)
        if param.type not in _TYPES and is_broken_cell(text):
            return self._broken(param, text, span)
        if param.type not in _TYPES:
            return Argument(param.name, param.type, text, "string")
        converted = convert(text, Target(param.name, _TYPES[param.type], "param"), self.rules)
        lenient = self.unchecked and param.type == "phone"
        if converted.value is None and not lenient:
            misfit = converted.misfits[0]
            self._wrong(param, misfit.message, span, misfit.help)
            return None
        for misfit in converted.misfits:
            shown = misfit.message if span else f"-p {param.name}: {misfit.message}"
            self.findings.warning(misfit.code, shown, span, misfit.help)
        kept = str(converted.value) if param.type == "email" else text.strip()
        if param.type == "phone":
            kept = read_phone(text, self.rules.country_code).text or kept
        return Argument(param.name, param.type, kept, _SHAPES.get(param.type, "string"))

    def _broken(self, param: ast.Param, text: str, span: Span | None) -> Argument | None:
        message = broken_message(text, f"param {param.name}")
        say = self.findings.warning if self.unchecked else self.findings.error
        say("E440", message if span else f"-p {param.name}: {message}", span, "give a value")
        return Argument(param.name, param.type, text, "string") if self.unchecked else None

    def _period(self, param: ast.Param, period: ast.Period, span: Span | None) -> Argument | None:
        if param.type != "period":
            message = f"the param {param.name} is {param.type}, and “{print_period(period)}” is a period"
            self._wrong(param, message, span, f"declare it as: param {param.name}: period")
            return None
        try:
            window(period, self.rules.zone, self.now_ms)
        except PeriodError as error:
            self._wrong(param, error.message, span, error.help)
            return None
        return Argument(param.name, "period", print_period(period), "string", period)

    def _file(self, param: ast.Param, text: str, span: Span | None) -> Argument | None:
        try:
            name = self.files.resolve(text, span.file if span else "<-p>")
        except FileRefused as error:
            self._wrong(param, str(error), span, "")
            return None
        return Argument(param.name, "file", name, "string")

    def _wrong(self, param: ast.Param, message: str, span: Span | None, help: str) -> None:
        shown = message if span else f"-p {param.name}: {message}"
        self.findings.error("E412", shown, span, help)


def parse_period(text: str) -> ast.Period | None:
    """Return the period that ``text`` spells in the language; None when it spells none."""
    if any(char in text for char in "$;{}\"'#\n\r") or len(text) > 100:
        return None
    parsed = parse(f"find leads where created in {text}", "<period>")
    match parsed.playbook.items:
        case (ast.Step(statements=(ast.FindLeads(where=ast.InPeriod(period=period)),)),):
            return None if parsed.diagnostics or isinstance(period, ast.ParamRef) else period
        case _:
            return None
