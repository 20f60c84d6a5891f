"""`subagents completion`: the script that makes a shell complete our command lines."""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import ShellComplete, get_completion_class

_SHELLS: Final = ("bash", "fish", "zsh")
_VARIABLE: Final = "_SUBAGENTS_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS), metavar="|".join(_SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that makes a shell complete commands.

    It completes subcommands, options, ids of subagents, workflow files and formats. Bash needs version 4.4 or newer.

    \b
    Put the line into the file that your shell reads at its start:
      bash  eval "$(subagents completion bash)"      ~/.bashrc
      zsh   eval "$(subagents completion zsh)"       ~/.zshrc, after compinit
      fish  subagents completion fish | source       ~/.config/fish/config.fish

    Exit codes: 0; 4 for a bad argument.
    """
    form = get_completion_class(shell)
    assert form is not None
    root = context.find_root().command
    # The class of bash would start a bash, to see how old it is.
    click.echo(ShellComplete.source(form(root, {}, "subagents", _VARIABLE)))
