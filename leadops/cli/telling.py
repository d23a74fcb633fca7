"""Telling people and programs by webhook: a plan (when asked), a run, a failure. It never changes what a command does.

What is sent holds counts and the playbook's own texts (docs/configuration.md, "Messages"); a message that does not
arrive is a warning on stderr.
"""

import asyncio
import hashlib
import json
import os
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from leadops.cli import logs
from leadops.cli.console import Console
from leadops.cli.failures import is_own_mistake
from leadops.cli.projectfile import NotifyTarget
from leadops.cli.settings import Settings
from leadops.cli.tokens import read_source
from leadops.core.errors import (
    ConfigurationError,
    DeniedError,
    LeadopsError,
    LockedError,
    TemporaryError,
    UnavailableError,
)
from leadops.core.exit_codes import Exit
from leadops.crm.connection import is_loopback
from leadops.crm.secrets import Secret
from leadops.crm.webhook import post
from leadops.model.plan import Plan
from leadops.model.run import Outcome, RunResult
from leadops.model.saved import Message, SavedPlan
from leadops.report.chat import Notice, payload
from leadops.report.masking import Masker
from leadops.report.shown import count
from leadops.report.style import words
from leadops.report.view import view_of
from leadops.state.private import write_private
from leadops.state.runs import RunFolder

_TOLD = "told.json"
"""In the run folder: hashes of the texts that were sent, so that going on with a run sends none twice."""
_MADE = frozenset({Outcome.CHANGED, Outcome.CREATED})
_SPEAKABLE = (UnavailableError, DeniedError, TemporaryError, LockedError, ConfigurationError)
"""Failures whose sentence is about the service or the settings, never about a lead."""


def run_told(
    work: Coroutine[Any, Any, int],
    settings: Settings,
    console: Console,
    name: str,
    *,
    tell: bool,
    dry: bool = False,
) -> int:
    """Run a command's work to its exit code; a failure is told if ``tell``, and then goes on its way.

    A mistake in the playbook or on the command line is told to nobody: its author stands before it.
    ``dry``: the work tells by itself that its plan is refused.
    """
    try:
        code = asyncio.run(work)
    except Exception as error:
        if tell and not is_own_mistake(error):
            asyncio.run(tell_failure(settings, console, name, *_failure(error)))
        raise
    if tell and code == Exit.REFUSED and not dry:
        asyncio.run(tell_failure(settings, console, name, code, "the plan is refused by a guard or a belt"))
    return code


async def tell_plan(settings: Settings, saved: SavedPlan, console: Console) -> None:
    """Tell everyone who wants plans what this one would do."""
    totals = view_of(saved, pii="mask").totals
    says = [f"{count(totals.leads - totals.creates, 'lead')} to change"]
    says += [f"{count(totals.creates, 'lead')} to create"] if totals.creates else []
    says += [f"{count(totals.appends, 'action')} to append"] if totals.appends else []
    says += [f"{count(totals.payments, 'payment')} to add"] if totals.payments else []
    says += [f"{count(totals.refused, 'lead')} refused"] if totals.refused else []
    says += [] if saved.appliable else ["refused by a guard or a belt"]
    notice = _notice(
        saved,
        "plan",
        f"Plan: {', '.join(says)} · digest {saved.digest[:12]}",
        {
            "digest": saved.digest,
            "appliable": saved.appliable,
            "totals": {
                "matched": totals.matched,
                "compliant": totals.compliant,
                "leads": totals.leads,
                "creates": totals.creates,
                "updates": totals.updates,
                "appends": totals.appends,
                "payments": totals.payments,
                "refused": totals.refused,
            },
        },
    )
    events = {"plan", "failure"} if saved.rejected or not saved.appliable else {"plan"}
    wanted = {name: notice for name, target in settings.notify.items() if events & set(target.on)}
    await _send(wanted, settings, console)


async def tell_run(
    settings: Settings, saved: SavedPlan, plan: Plan, result: RunResult, folder: RunFolder, console: Console
) -> None:
    """Tell what a run did: the playbook's messages to whom they name, the counts to everyone who wants them.

    A run that found nothing to do is told to nobody.
    """
    texts = _texts(saved, plan, result)
    for name in texts.keys() - settings.notify.keys():
        console.warn(f"warning: there is no [notify.{name}] in leadops.toml; its message was not sent")
    told = _told(folder)
    outcomes = {name: many for name, many in result.outcomes.items() if many}
    failed = result.exit_code != Exit.DONE
    eventful = failed or bool(outcomes.keys() - {Outcome.ALREADY.value})
    headline = ", ".join(f"{words(name)} {many:,}" for name, many in outcomes.items()) or "nothing to change"
    facts = {
        "run": result.run,
        "digest": result.plan_digest,
        "exit_code": int(result.exit_code),
        "exit_reason": Masker().sentence(result.exit_reason),
        "outcomes": result.outcomes,
        "calls": {"reads": result.calls.reads, "writes": result.calls.writes},
    }
    base = _notice(
        saved, "failure" if failed else "apply", f"Run: {headline} · exit {result.exit_code}", facts
    )
    if failed:
        base = replace(base, headline=f"{base.headline} ({Masker().sentence(result.exit_reason)})")
    wanted: dict[str, Notice] = {}
    keys: dict[str, list[str]] = {}
    for name, target in settings.notify.items():
        all_keys = {_key(name, text): text for text in texts.get(name, ())}
        fresh = {key: text for key, text in all_keys.items() if key not in told}
        events = {"apply", "failure"} if failed else {"apply"}
        if fresh or (eventful and events & set(target.on)):
            lines = fresh.values() if target.pii == "show" else map(_masker(plan).text, fresh.values())
            wanted[name] = replace(base, lines=tuple(lines))
            keys[name] = list(fresh)
    sent = await _send(wanted, settings, console)
    _remember(folder, told | {key for name in sent for key in keys[name]}, console)


async def tell_failure(settings: Settings, console: Console, name: str, code: int, reason: str) -> None:
    """Tell everyone who wants failures that the command ended without a run."""
    title = "a playbook" if name.startswith("<") else Path(name).stem
    exit_name = Exit(code).name.lower().replace("_", " ")
    notice = Notice(
        event="failure",
        title=title,
        workspace="" if settings.sandbox else settings.enterprise_id,
        sandbox=settings.sandbox,
        headline=_head(title, "", f"Failed: {exit_name} (exit {code})" + (f": {Masker().sentence(reason)}" if reason else ""),
                       sandbox=settings.sandbox),
        facts={"exit_code": code, "exit_reason": Masker().sentence(reason) or exit_name},
    )  # fmt: skip
    wanted = {name: notice for name, target in settings.notify.items() if "failure" in target.on}
    await _send(wanted, settings, console)


def _masker(plan: Plan) -> Masker:
    """Return what masks the lines of one message."""
    masker = Masker()
    masker.know(members=(one.email for one in plan.schema.members))
    return masker


def _failure(error: Exception) -> tuple[int, str]:
    """Return the exit code of a failure and what may be said of it to others."""
    inner: BaseException = error
    while isinstance(inner, BaseExceptionGroup):
        inner = inner.exceptions[0]
    if not isinstance(inner, LeadopsError):
        return int(Exit.BUG), ""
    return int(inner.exit_code), inner.message if isinstance(inner, _SPEAKABLE) else ""


def _notice(saved: SavedPlan, event: Any, headline: str, facts: Mapping[str, Any]) -> Notice:
    name = next(iter(saved.sources), "<>")
    title = saved.title or ("a playbook" if name.startswith("<") else Path(name).stem)
    return Notice(
        event=event,
        title=title,
        workspace=saved.workspace,
        sandbox=saved.sandbox,
        headline=_head(title, saved.workspace_name or saved.workspace, headline, sandbox=saved.sandbox),
        facts=facts,
    )


def _head(title: str, workspace: str, text: str, *, sandbox: bool) -> str:
    where = "sandbox" if sandbox else workspace
    return " · ".join(part for part in ("leadops", title, where, text) if part)


def _texts(saved: SavedPlan, plan: Plan, result: RunResult) -> dict[str, tuple[str, ...]]:
    """Return the playbook's messages by receiver, as far as the run did what they are about."""
    secrets = {one.name: one.text for one in plan.parameters if one.secret}
    made = {
        (one.change.step, one.change.lead.id or one.change.lead.identifier)
        for one in result.results
        if one.outcome in _MADE or _MADE & set(one.fields.values())
    }
    steps = {step for step, _ in made}
    found: dict[str, dict[str, None]] = {}
    for index, step in enumerate(saved.steps):
        for message in step.messages:
            lead = message.lead
            done = index in steps if lead is None else (index, lead.id or lead.identifier) in made
            if done or not message.needs_change:
                found.setdefault(message.to, {})[_filled(message, secrets)] = None
    return {name: tuple(texts) for name, texts in found.items()}


def _filled(message: Message, secrets: Mapping[str, str]) -> str:
    text = message.parts[0]
    for name, part in zip(message.secrets, message.parts[1:], strict=True):
        text += secrets.get(name, "") + part
    return text


async def _send(wanted: Mapping[str, Notice], settings: Settings, console: Console) -> frozenset[str]:
    """Send each notice to its target, all at the same time; return who got it."""
    names = list(wanted)
    reasons = await asyncio.gather(*(_one(settings.notify[name], wanted[name], settings) for name in names))
    for name, reason in zip(names, reasons, strict=True):
        if reason:
            console.warn(f"warning: [notify.{name}] was not told: {reason}")
    return frozenset(name for name, reason in zip(names, reasons, strict=True) if not reason)


async def _one(target: NotifyTarget, notice: Notice, settings: Settings) -> str:
    try:
        url = await asyncio.to_thread(address, target, settings)
    except ConfigurationError as error:
        return error.message
    secret = Secret(url)
    logs.hide(secret)
    return await post(secret, payload(target.kind, notice))


def address(target: NotifyTarget, settings: Settings) -> str:
    """Return a target's address.

    Raises:
        ConfigurationError: its source gives none, or the file that names it is not trusted.
    """
    if isinstance(target.url, str):
        try:
            local = is_loopback(urlsplit(target.url).hostname or "")
        except ValueError:
            local = False
        if not local and not settings.file_trusted:
            raise ConfigurationError(
                "leadops.toml names its address, and this file is not trusted: `leadops trust` lets it, or name "
                "a variable instead (url = { env = … })"
            )
        return target.url
    text = read_source(target.url, os.environ, trusted=settings.file_trusted, root=settings.root)
    if not text:
        where = f"{target.url.env} is not set" if target.url.env else "its source gives no address"
        raise ConfigurationError(where)
    return text


def _key(name: str, text: str) -> str:
    return hashlib.sha256(f"{name}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()


def _told(folder: RunFolder) -> frozenset[str]:
    try:
        data = json.loads((Path(folder.path) / _TOLD).read_text("utf-8"))
    except (OSError, ValueError):
        return frozenset()
    return frozenset(str(one) for one in data) if isinstance(data, list) else frozenset()


def _remember(folder: RunFolder, keys: Iterable[str], console: Console) -> None:
    wanted = sorted(keys)
    if not wanted:
        return
    try:
        write_private(Path(folder.path) / _TOLD, json.dumps(wanted).encode())
    except ConfigurationError as error:
        console.warn(f"warning: what was told cannot be noted down: {error.message}")
