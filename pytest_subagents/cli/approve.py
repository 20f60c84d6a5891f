"""`subagents approve`: a person's word for what a subagent changed, bound to exactly that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import click
import msgspec

from pytest_subagents.cli.approvable import Approvable, approvables
from pytest_subagents.cli.completing import reported_ids
from pytest_subagents.cli.printing import plain_json, print_file, print_lines
from pytest_subagents.cli.recorded_work import RecordedWork
from pytest_subagents.cli.rows import row_called
from pytest_subagents.cli.stored import stored_report
from pytest_subagents.errors import BadUsage
from pytest_subagents.reports import commands
from pytest_subagents.reports.commands import DEFAULT_REPORT
from pytest_subagents.reports.diff_text import by_agent, size_of
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.line import Line
from pytest_subagents.transcript.approvals import Approval

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_TEXT_CHARS: Final = 500
_RUN: Final = "run `pytest --subagents` first"


@click.command()
@click.argument("agent", required=False, shell_complete=reported_ids)
@click.option("--list", "listed", is_flag=True, help="Say what waits and why, and what is approved.")
@click.option("--show", is_flag=True, help="Print the diff, and approve nothing; also with --list.")
@click.option("--by", default="", metavar="NAME", help="Who approves it.")
@click.option("--comment", default="", metavar="TEXT", help="Why.")
@click.option("--date", default="", metavar="YYYY-MM-DD", help="When; none is written otherwise.")
@click.option("--revoke", is_flag=True, help="Take the approval of AGENT back.")
@click.option("--report", metavar="PATH", help=f"The report.json.  [default: {DEFAULT_REPORT}]")
@click.option("--json", "as_json", is_flag=True, help="With --list: print it as JSON.")
@click.pass_context
def approve(
    context: click.Context,
    agent: str | None,
    listed: bool,
    show: bool,
    by: str,
    comment: str,
    date: str,
    revoke: bool,
    report: str | None,
    as_json: bool,
) -> None:
    """Approve a diff that waits for a person.

    So that later runs do not wait for what AGENT, an id or a node id, has changed any more; without AGENT, as --list.

    What the last report says waits for review (`workflow.review`) can be approved. The approval is bound to the digest
    of the recorded patch, and of no other, and stands in recordings/<workflow>/approvals.json, which belongs into the
    repository. Then run pytest again.

    With --list --json, one object with the list `agents`: of each `agent`, `nodeid`, `waits`, `reasons`, `files`,
    `added`, `removed`, `digest` (null without a patch that can be used) and `approval`: null, or the last one with its
    `digest`, `by`, `date` and `comment`.

    \b
    Examples:
      subagents approve --list
      subagents approve fix-auth --show
      subagents approve fix-auth --by "A. Reviewer" --date 2026-01-31
      subagents approve fix-auth --revoke

    Exit codes: 0; 1 of --list where something waits; 2 for a bad workflow file or bad approvals; 4 for a bad argument,
    or where nothing waits.
    """
    where = report or DEFAULT_REPORT
    known = stored_report(where)
    if listed or agent is None:
        if revoke or by or comment or date or agent is not None:
            raise BadUsage("approve", "--list is for itself", hint="name an AGENT, or leave the other options out")
        found = tuple(approvables(known, Path.cwd()))
        if as_json:
            print_file(_json(found))
        else:
            print_lines(_listing(found, report=where, show=show), wrap=not show)
        context.exit(1 if any(each.waits for each in found) else 0)
    if as_json:
        raise BadUsage("approve", "--json is for --list", hint="leave it or AGENT out")
    if show and (revoke or by or comment or date):
        raise BadUsage("approve", "--show approves nothing", hint="look first, then approve without --show")
    _check(by, comment, date)
    row = row_called(agent, known, command="approve")
    (one,) = approvables(known, Path.cwd(), only=row)
    if revoke:
        _revoke(one)
        return
    work = _approvable(one)
    if show:
        print_lines(
            [
                *by_agent([work.diff]),
                Line(text=""),
                Line(text=f"approve it: {commands.approve(one.agent, report=where)}"),
            ]
        )
        return
    one.approve(Approval(agent=one.agent, digest=str(work.digest), by=by, date=date, comment=comment))
    approved = f"approved: {terminal(one.agent)}, {size_of(work.diff)}, {work.digest}"
    written = f"written: {terminal(one.shown_path)}; commit it with the recording, and run pytest again"
    print_lines([Line(text=approved), Line(text=written)], wrap=True)


def _check(by: str, comment: str, date: str) -> None:
    for option, text in (("--by", by), ("--comment", comment)):
        if len(text) > _TEXT_CHARS or not text.isprintable():
            raise BadUsage(option, f"it is one line of at most {_TEXT_CHARS} characters")
    if date and not _DATE.fullmatch(date):
        raise BadUsage("--date", f"{date!r} is no date", hint="write it as 2026-01-31")


def _approvable(one: Approvable) -> RecordedWork:
    work, row = one.work, one.row
    hint = "subagents approve --list"
    if work.diff.fault:
        raise BadUsage("approve", f"{one.agent}: {work.diff.fault}", hint="record it again")
    if work.digest is None:
        raise BadUsage("approve", f"{one.agent} has no recorded patch, so there is nothing to approve", hint=hint)
    if work.changes != row.changes:
        raise BadUsage("approve", f"the recording of {one.agent} changes other files than the report says", hint=_RUN)
    if not one.waits and one.approval is None:
        raise BadUsage("approve", f"{one.agent} does not wait for review", hint=f"after a change, {_RUN}")
    return work


def _revoke(one: Approvable) -> None:
    if one.approval is None:
        raise BadUsage("approve", f"{one.agent} is not approved", hint="subagents approve --list")
    one.revoke()
    click.echo(f"revoked: {terminal(one.agent)}, {one.approval.digest}; in the next run it waits again")


def _listing(found: Iterable[Approvable], *, report: str, show: bool) -> Iterator[Line]:
    told = [each for each in found if each.waits or each.approval is not None]
    if not told:
        yield Line(text="nothing waits for review")
    for one in sorted(told, key=lambda each: (not each.waits, each.row.planned.nodeid)):
        yield from _waiting(one, report) if one.waits else _approved(one)
        if show:
            yield from by_agent([one.work.diff])


def _json(found: Iterable[Approvable]) -> str:
    told = [
        {
            "agent": one.agent,
            "nodeid": one.row.planned.nodeid,
            "waits": one.waits,
            "reasons": [reason.message for reason in one.reasons],
            "files": sorted({file.path for file in one.work.diff.files}),
            "added": sum(file.added for file in one.work.diff.files),
            "removed": sum(file.removed for file in one.work.diff.files),
            "digest": one.work.digest,
            "approval": None if one.approval is None else msgspec.to_builtins(one.approval),
        }
        for one in found
        if one.waits or one.approval is not None
    ]
    return plain_json({"agents": told})


def _waiting(one: Approvable, report: str) -> Iterator[Line]:
    yield Line(text=f"{terminal(one.agent)} waits for review: {size_of(one.work.diff)}", style="partial")
    for reason in one.reasons:
        yield Line(text=f"  {terminal(reason.message)}")
    yield Line(text=f"  digest   {one.work.digest or one.work.diff.fault or 'there is no recorded patch'}")
    if one.approval is not None:
        yield Line(text=f"  outdated {_words(one.approval)}")
    yield Line(text=f"  look     {commands.diff(one.name)}")
    yield Line(text=f"  approve  {commands.approve(one.name, report=report)}")


def _approved(one: Approvable) -> Iterator[Line]:
    assert one.approval is not None
    if one.approval.digest == one.work.digest:
        yield Line(text=f"{terminal(one.agent)} is approved: {_words(one.approval)}", style="success")
    else:
        words = f"{terminal(one.agent)} does not wait; its approval is of another diff: {_words(one.approval)}"
        yield Line(text=words, style="partial")


def _words(approval: Approval) -> str:
    parts = [approval.digest]
    parts += [f"by {approval.by}"] if approval.by else []
    parts += [approval.date] if approval.date else []
    parts += [f'"{approval.comment}"'] if approval.comment else []
    return terminal(", ".join(parts))
