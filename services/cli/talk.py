"""How the command line speaks: sentences on standard error, results on standard output, one way to stop."""

from typing import Any, NoReturn

import msgspec
import typer
from rich.console import Console

#: For people: progress, sentences, warnings. Results that programs read go to standard output alone.
console = Console(stderr=True, highlight=False)
REFUSED = 1
MISUSE = 2


def stop(sentence: str, code: int = REFUSED) -> NoReturn:
    """Say why and end the command."""
    console.print(f"[bold red]Stopped:[/] {sentence}", soft_wrap=True)
    raise typer.Exit(code)


def say(sentence: str) -> None:
    """One line for the person at the terminal."""
    console.print(sentence, soft_wrap=True)


def result(content: Any) -> None:
    """A result for a program: one line of JSON on standard output."""
    typer.echo(msgspec.json.encode(content).decode())
