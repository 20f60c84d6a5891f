"""`subagents schema`: the JSON Schemas that the package ships."""

from __future__ import annotations

from importlib.resources import files

import click

from pytest_subagents.cli.printing import print_file

_SCHEMAS = {
    "events": ("pytest_subagents.vendors.dialects", "subagents_events.schema.json"),
    "event": ("pytest_subagents.reports", "event.schema.json"),
    "workflow": ("pytest_subagents.specify", "workflow.schema.json"),
    "report": ("pytest_subagents.reports", "report.schema.json"),
    "shard": ("pytest_subagents.reports", "shard.schema.json"),
    "result": ("pytest_subagents.contract", "schemas/result.json"),
}
_NAMES = sorted(_SCHEMAS)


@click.command()
@click.argument(
    "name", type=click.Choice(sorted(_SCHEMAS)), default="workflow", metavar=f"[{'|'.join(sorted(_SCHEMAS))}]"
)
def schema(name: str) -> None:
    """Print a JSON Schema that the package ships.

    \b
      workflow  of workflow files, for editors; the default
      report    of report.json
      events    of the lines of a transcript in our own dialect
      event     of what a `notify` command is told
      shard     of what one part of a run leaves
      result    of the answers that the contract `result` takes

    \b
    Examples:
      subagents schema > .subagents.schema.json
      subagents schema report

    Exit codes: 0; 4 for a bad argument.
    """
    package, path = _SCHEMAS[name]
    print_file(files(package).joinpath(path).read_text(encoding="utf-8"))
