"""What other tools read: JUnit, SARIF, GitHub annotations."""

import jsonschema
from junitparser import Error, Failure, JUnitXml, Skipped

from leadops.core.diagnostics import Diagnostic, Severity
from leadops.core.positions import span_at
from leadops.model.run import Outcome
from leadops.report import diagnostics as sinks
from leadops.report.github import MOST, plan_annotations
from leadops.report.junit import VERDICTS, Case, findings, junit, suite

SOURCE = 'find leads where name = "😀" and ratng = Won\nset ratng = 5\n'
TYPO = Diagnostic(
    "E101",
    Severity.ERROR,
    "there is no field ratng",
    span_at(SOURCE, 33, 38, "a dir/won.lead"),
    "did you mean rating?",
)
SAME = Diagnostic("W103", Severity.WARNING, "100 % sure\nnot", span_at(SOURCE, 49, 54, "a dir/won.lead"))
PLACELESS = Diagnostic("W104", Severity.HINT, "names were not checked", None)

SUBSET = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results", "columnKind"],
                "properties": {
                    "columnKind": {"const": "utf16CodeUnits"},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name", "rules"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {"type": "object", "required": ["id", "shortDescription"]},
                                    }
                                },
                            }
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["ruleId", "ruleIndex", "level", "message", "partialFingerprints"],
                            "properties": {
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": {"type": "object", "required": ["text"]},
                                "locations": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "required": ["physicalLocation"],
                                        "properties": {
                                            "physicalLocation": {
                                                "type": "object",
                                                "required": ["artifactLocation", "region"],
                                                "properties": {
                                                    "region": {
                                                        "type": "object",
                                                        "additionalProperties": {
                                                            "type": "integer",
                                                            "minimum": 1,
                                                        },
                                                    },
                                                    "artifactLocation": {
                                                        "type": "object",
                                                        "properties": {
                                                            "uri": {
                                                                "type": "string",
                                                                "pattern": r"^[\x21-\x7e]+$",
                                                            }
                                                        },
                                                    },
                                                },
                                            }
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


def test_a_run_is_a_junit_suite_with_each_verdict(sample):
    plan = sample.plan()
    suites = JUnitXml.fromstring(junit(plan, sample.troubled(plan)).encode())
    (one,) = suites
    assert (one.tests, one.failures, one.errors, one.skipped) == (17, 3, 6, 3)
    assert one.time == 150.0
    by_name = {case.name: case for case in one}
    jane = by_name["Jane Doe 919999999999 66ffffffffffffffffffffff"]
    (failure,) = jane.result
    assert isinstance(failure, Failure)
    assert failure.type == "ignored_by_crm"
    assert "Rating must be between 1 and 5" in failure.message
    assert "rating: (missing) → 9 [ignored by CRM]" in failure.text
    kinds = {type(result) for case in one for result in case.result}
    assert kinds == {Failure, Error, Skipped}
    assert {case.classname for case in one} == {"thank won leads", "the rest"}


def test_every_outcome_has_a_verdict():
    assert set(VERDICTS) == set(Outcome)
    assert VERDICTS[Outcome.IN_DOUBT] == "error"
    assert VERDICTS[Outcome.STALE] == "skipped"
    assert VERDICTS[Outcome.REJECTED] == "failure"


def test_a_plan_that_may_not_be_applied_is_an_error_in_junit(sample):
    from dataclasses import replace

    plan = replace(sample.plan(), appliable=False, refusals=("too many leads",))
    (one,) = JUnitXml.fromstring(junit(plan).encode())
    assert one.errors == 1
    assert one.failures == 1


def test_findings_are_failures_and_sound_files_pass():
    (one,) = JUnitXml.fromstring(findings([TYPO, SAME], ["a dir/won.lead", "sound.lead"]).encode())
    assert (one.tests, one.failures) == (3, 1)
    assert [case.name for case in one if not case.result and case.classname == "check"] == ["sound.lead"]


def test_a_suite_of_cases_counts_them():
    (one,) = JUnitXml.fromstring(suite("s", [Case("g", "a"), Case("g", "b", "skipped", "why")]).encode())
    assert (one.tests, one.skipped) == (2, 1)


def test_sarif_has_the_required_shape():
    log = sinks.as_sarif([TYPO, SAME, PLACELESS], {"a dir/won.lead": SOURCE}, "0.1.0")
    jsonschema.validate(log, SUBSET)
    (run,) = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["E101", "W103", "W104"]
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note"]
    assert all(
        run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        for result in run["results"]
    )
    assert "locations" not in run["results"][2]


def test_sarif_counts_columns_in_utf16_and_names_files_as_uris():
    log = sinks.as_sarif([TYPO], {"a dir/won.lead": SOURCE})
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert TYPO.span.column == 34
    assert place["region"] == {"startLine": 1, "startColumn": 35, "endLine": 1, "endColumn": 40}
    assert place["artifactLocation"] == {"uri": "a%20dir/won.lead", "uriBaseId": "PROJECT"}


def test_a_sarif_fingerprint_outlives_a_moved_line_and_tells_twins_apart():
    moved = "# a comment\n" + SOURCE
    later = Diagnostic("E101", Severity.ERROR, TYPO.message, span_at(moved, 45, 50, "a dir/won.lead"))

    def prints(found, text):
        results = sinks.as_sarif(found, {"a dir/won.lead": text})["runs"][0]["results"]
        return [result["partialFingerprints"]["leadops/v1"] for result in results]

    assert prints([TYPO], SOURCE) == prints([later], moved)
    assert len(set(prints([TYPO, TYPO], SOURCE))) == 2


def test_annotations_have_a_place_and_escape_what_github_would_obey():
    text = sinks.as_github([SAME, TYPO, PLACELESS])
    assert text.split("\n") == [
        "::error file=a dir/won.lead,line=1,endLine=1,col=34,endColumn=38,title=E101::there is no field ratng%0Adid you mean rating?",
        "::warning file=a dir/won.lead,line=2,endLine=2,col=6,endColumn=10,title=W103::100 %25 sure\\nnot".replace(
            "\\n", "%0A"
        ),
        "::notice title=W104::names were not checked",
    ]


def test_a_text_from_the_command_line_is_no_file_to_annotate():
    found = [Diagnostic("E101", Severity.ERROR, "no", span_at(SOURCE, 33, 38, "<-e>"))]
    assert sinks.as_github(found) == "::error title=E101::no"


def test_no_more_annotations_than_github_shows_and_the_last_says_how_many_more():
    found = [Diagnostic("W103", Severity.WARNING, f"w{i}", None) for i in range(11)]
    found += [Diagnostic("E101", Severity.ERROR, f"e{i}", None) for i in range(40)]
    lines = sinks.as_github(found).split("\n")
    assert len(lines) == 2 * MOST
    assert all(line.startswith("::error") for line in lines[:MOST])
    assert "31 more errors" in lines[MOST - 1]
    assert "2 more warnings" in lines[-1]
    assert len(sinks.as_github(found[:10]).split("\n")) == 10


def test_a_run_is_annotated_with_what_needs_a_person(sample):
    plan = sample.plan()
    text = plan_annotations(plan, sample.troubled(plan))
    assert text.count("::error") == MOST
    assert "::warning file=won.lead,line=1,endLine=1,col=40,endColumn=44,title=W004::" in text
    assert plan_annotations(sample.plan(odd=False)).startswith(
        "::error title=rejected%3A Li 李小龍::the template needs"
    )


def test_findings_as_text_have_a_caret():
    text = sinks.as_text([TYPO], {"a dir/won.lead": SOURCE})
    assert "a dir/won.lead:1:34: error[E101]: there is no field ratng" in text
    assert "^^^^^" in text
