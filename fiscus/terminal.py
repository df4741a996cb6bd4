"""How the command line speaks: on standard error, so that what a command prints can be read on."""

from rich.console import Console
from rich.markup import escape

from fiscus.model.faults import Fault, Severity

# Not wrapped: a path or a number that is broken in two cannot be copied, nor found by a script.
say = Console(stderr=True, highlight=False, soft_wrap=True)

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def say_fault(fault: Fault) -> None:
    more = (f"and {fault.more} more",) if fault.more else ()
    where, colour = escape(" ".join((*fault.paths, *more))), COLOURS[fault.severity]
    word = "" if fault.is_error else f"{fault.severity}: "
    say.print(f"[{colour}]{fault.code}[/{colour}] {word}{escape(fault.text)} {where}".rstrip())
