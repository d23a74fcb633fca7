"""The permanent codes of all diagnostics: code → short title. A code is never reused or given another meaning.

E0xx syntax · E1xx names · E2xx types and values · E3xx periods · E4xx templates, params, includes, CSV ·
E5xx steps and guards · E6xx tests in the file · W… warnings. A page each in docs/errors/.
"""

from collections.abc import Mapping
from types import MappingProxyType

_CODES = {
    "E001": "unexpected text",
    "E002": "a statement ends too early",
    "E003": "a misspelt keyword",
    "E004": "a quote is not closed",
    "E005": "quotes of another kind",
    "E006": "an operator of another language",
    "E007": "a date that can be read in two ways",
    "E008": "and mixed with or",
    "E009": "a text of several words without quotes",
    "E010": "digits grouped by commas",
    "E011": "an operator is missing",
    "E012": "a reserved word stands for itself",
    "E013": "a bracket or block is not closed",
    "E014": "a closing bracket without an opening one",
    "E015": "nested too deep",
    "E016": "an unknown escape in a text",
    "E017": "a hidden character",
    "E018": "the file is not UTF-8",
    "E019": "the file is too large",
    "E020": "a clause stands twice",
    "E021": "a day or time that does not exist",
    "E022": "a statement in the wrong place",
    "E023": "not a whole number that fits",
    "E024": "too many mistakes",
    "E025": "CSV rows without a match",
}

CODES: Mapping[str, str] = MappingProxyType(dict(sorted(_CODES.items())))
