"""The `subagents` command. Running agents is pytest's part; this one shows and renders what runs have left."""

from __future__ import annotations

import contextlib
import difflib
import errno
import io
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast

import click
from click.shell_completion import CompletionItem

from pytest_subagents.cli.printing import terminal_width
from pytest_subagents.errors import BadFile, BadUsage, SubagentsError
from pytest_subagents.model.platforms import must_run
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.wrapping import wrapped

ADDRESSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "approve": "pytest_subagents.cli.approve:approve",
        "baseline": "pytest_subagents.cli.baseline:baseline",
        "completion": "pytest_subagents.cli.completion:completion",
        "diff": "pytest_subagents.cli.diff:diff",
        "import": "pytest_subagents.cli.importing:import_",
        "init": "pytest_subagents.cli.init:init",
        "logs": "pytest_subagents.cli.logs:logs",
        "merge": "pytest_subagents.cli.merge:merge",
        "merge-reports": "pytest_subagents.cli.merge_reports:merge_reports",
        "plan": "pytest_subagents.cli.plan:plan",
        "replay": "pytest_subagents.cli.replay:replay",
        "report": "pytest_subagents.cli.report:report",
        "schema": "pytest_subagents.cli.schema:schema",
        "show": "pytest_subagents.cli.show:show",
        "status": "pytest_subagents.cli.status:status",
    }
)
"""Subcommand to address; one is imported when it is used, or when the help lists them."""


class _Mistake(click.ClickException):
    """A person's mistake, as the command says it: `where: what` and a hint, no traceback."""

    exit_code = BadUsage.exit_code

    def show(self, file: Any = None) -> None:
        width = terminal_width(sys.stderr)
        for text in terminal(self.message, multiline=True).split("\n"):
            for line in wrapped(text, width):
                click.echo(line, err=True)


class _BadFile(_Mistake):
    exit_code = BadFile.exit_code


class _Unwritable(_Mistake):
    """Not a mistake in what was typed: a full disk, say."""

    exit_code = 1


class _BadArgument(click.UsageError):
    """click's own complaint, with the exit code that pytest has for the same."""

    exit_code = BadUsage.exit_code


class Commands(click.Group):
    """A group whose subcommands are addresses."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(ADDRESSES)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in ADDRESSES and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], ADDRESSES, n=3)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(sorted(ADDRESSES))}."
            raise click.UsageError(f"There is no command {args[0]!r}. {hint}", ctx)
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and not ctx.resilient_parsing and not {"-h", "--help"}.intersection(rest):
            from pytest_subagents.cli.ini_file import defaults_of

            ctx.default_map = {name: defaults_of(name, Path.cwd())}
        return name, command, rest

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Names alone, where a name is asked for: what each command is for would have to be imported."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return [CompletionItem(name) for name in self.list_commands(ctx) if name.startswith(incomplete)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        address = ADDRESSES.get(cmd_name)
        if address is None:
            return None
        module, _, attribute = address.partition(":")
        return cast(click.Command, getattr(import_module(module), attribute))

    def make_context(self, *arguments: Any, **keywords: Any) -> click.Context:
        with _mistakes_told():
            must_run(keywords.get("obj") or sys.platform)
            return super().make_context(*arguments, **keywords)

    def invoke(self, ctx: click.Context) -> Any:
        with _mistakes_told():
            return super().invoke(ctx)


@contextlib.contextmanager
def _mistakes_told() -> Iterator[None]:
    try:
        yield
    except BadFile as error:
        raise _BadFile(str(error)) from None
    except SubagentsError as error:
        raise _Mistake(str(error)) from None
    except OSError as error:
        if error.errno == errno.EPIPE:  # the reader has seen enough; click ends quietly
            raise
        raise _Unwritable(f"subagents: {error}") from None
    except click.UsageError as error:
        raise _BadArgument(terminal(error.format_message()), ctx=error.ctx) from None


@click.command(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pytest-subagents", prog_name="subagents")
@click.pass_context
def commands(ctx: click.Context) -> None:
    """Look at what teams of AI coding subagents did in a pytest run.

    Running them is pytest's part: `pytest --subagents`. Colours are left out where standard output is no terminal,
    NO_COLOR is set or TERM is dumb. Each command has a page: subagents COMMAND --help.

    \b
    Examples:
      subagents init                      a first team in a new repository
      subagents show math                 all about one subagent of the last run
      subagents logs math --follow        what it says while it runs

    Exit codes: 0; 1 where what was looked at is not well; 2 for a bad workflow file; 4 for a bad argument, or where
    there is nothing to look at.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main() -> None:
    """The entry point of the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    commands(prog_name="subagents")


if __name__ == "__main__":
    main()
