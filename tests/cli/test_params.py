"""Parameters from a file."""

from leadops.cli.source import read_parameters
from leadops.syntax.parser import parse


def test_a_value_in_a_file_may_be_quoted_as_in_a_playbook(tmp_path):
    file = tmp_path / "april.params"
    text = (
        '\ufeff# who\nwho = "kavya@company.com"\nnote = say "hi"\nword="two\\u0020words"\nplain=5\nhalf="\n\n'
    )
    file.write_text(text, "utf-8")
    assert read_parameters(["plain=6"], str(file), parse("find leads")) == {
        "who": "kavya@company.com",
        "note": 'say "hi"',
        "word": "two words",
        "plain": "6",
        "half": '"',
    }
