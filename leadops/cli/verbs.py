"""The table of verbs: where each lives and what it does, in one line. A test holds it against commands/."""

from typing import NamedTuple


class Verb(NamedTuple):
    """A verb's module (its ``command`` is the click command) and its line in the help."""

    module: str
    help: str


_IN = "leadops.cli.commands."

VERBS: dict[str, Verb] = {
    "init": Verb(_IN + "init", "Write the first files of a project."),
    "doctor": Verb(_IN + "doctor", "Look at settings, token, service and state; say what to repair and how."),
    "fmt": Verb(_IN + "fmt", "Write playbooks in their canonical spelling."),
    "check": Verb(
        _IN + "check", "Check playbooks: syntax, names, types, periods. Makes no change, needs no network."
    ),
    "test": Verb(_IN + "test", "Run the tests in playbooks, without the network."),
    "plan": Verb(_IN + "plan", "Show exactly what a playbook would change. Makes no write."),
    "show": Verb(_IN + "show", "Show a saved plan."),
    "apply": Verb(_IN + "apply", "Apply a saved plan, once."),
    "run": Verb(_IN + "run", "Plan and apply a playbook in one go."),
    "resume": Verb(_IN + "resume", "Go on with a run that did not end, or left changes unattempted."),
    "retry": Verb(
        _IN + "retry", "Send again what the CRM refused in a run, or write it as a playbook to edit (-o)."
    ),
    "undo": Verb(_IN + "undo", "Write a playbook that takes a run back, as far as that is possible (-o)."),
    "resolve": Verb(_IN + "resolve", "Settle by hand what a run left in doubt."),
    "verify": Verb(_IN + "verify", "Read a run's leads once more: late, lost, doubled, overwritten?"),
    "runs": Verb(_IN + "runs", "List past runs."),
    "report": Verb(
        _IN + "report", "Show the report of a run as text, Markdown, HTML or by your own template."
    ),
    "schema": Verb(
        _IN + "schema", "Pull or show what exists in the workspace: fields, labels, actions, members."
    ),
    "sandbox": Verb(_IN + "sandbox", "Serve, reset or inspect the embedded sandbox workspace."),
    "explain": Verb(
        _IN + "explain", "Say in plain sentences what a playbook means, or what a diagnostic's code does."
    ),
    "why": Verb(_IN + "why", "Say by which clause a playbook selects a lead."),
    "why-not": Verb(
        _IN + "why_not", "Say by which clause a playbook leaves a lead out, and what would let it in."
    ),
    "ids": Verb(_IN + "ids", "Import or list lead ids, for workspaces whose searches tell none."),
    "forget": Verb(_IN + "forget", "Take one person's data out of everything that leadops keeps."),
    "trust": Verb(_IN + "trust", "Let this project's leadops.toml name hosts and commands."),
    "completion": Verb(_IN + "completion", "Print the completion script for bash, zsh or fish."),
    "version": Verb(_IN + "version", "Print the version."),
}
