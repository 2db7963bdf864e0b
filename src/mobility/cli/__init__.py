"""The `mobility` command: each subcommand reads, calls one function and prints.

Subcommands are imported when they are named, and import what is heavy only when they
run, so that help answers at once.
"""

from __future__ import annotations

import io
import os
import sys
from importlib import import_module
from typing import Any

import click

from mobility.errors import MobilityError

# command → module of this folder that holds a function of the same name, plus `_cmd`
COMMANDS = {
    "bottlenecks": "bottlenecks",
    "check": "check",
    "compare": "compare",
    "compliance": "compliance",
    "corridor": "corridor",
    "explain": "explain",
    "limits": "limits",
    "map": "map",
    "march": "march",
    "matrix": "matrix",
    "packages": "packages",
    "pairs": "pairs",
    "places": "places",
    "ports": "ports",
    "redundancy": "redundancy",
    "report": "report",
    "route": "route",
    "scenarios": "scenarios",
    "show": "show",
    "value": "value",
    "vehicles": "vehicles",
}


class Group(click.Group):
    """Commands that load themselves, and errors without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"mobility.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_cmd")
        return command

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program; say in one line what keeps its answer from being written."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # a terminal that cannot show a letter is no reason to stop
                stream.reconfigure(errors="replace")
        try:
            try:
                return super().main(*args, **kwargs)
            finally:
                sys.stdout.flush()
        except OSError as error:
            # what is still in the buffer would fail again when Python closes it
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            reason = (error.strerror or str(error)).lower()
            click.echo(f"cannot write the answer: {reason}", err=True)
            sys.exit(1)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; say in one line what must be refused."""
        try:
            return super().invoke(ctx)
        except MobilityError as error:
            click.echo(str(error), err=True)
            ctx.exit(error.exit_code)
        except BrokenPipeError:
            # the reader (`head`, a pager) has gone; what is left must not be flushed
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mobility-corridors")
def main() -> None:
    """Analyse military-mobility corridors from the Adriatic to the Black Sea.

    \b
    Exit codes: 0 ok · 1 refused · 2 wrong usage · 3 no feasible answer · 4 bad data.
    """
