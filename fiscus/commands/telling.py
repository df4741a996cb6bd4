"""Prints progress while long work goes on, and what a check has found."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from fiscus.model.faults import Fault, Severity, is_sound
from fiscus.terminal import say, say_fault


@contextmanager
def counted(what: str, unit: str) -> Iterator[Callable[[int], None]]:
    """A line that counts while long work goes on; silent when nobody watches."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=say, transient=True) as bar:
        line = bar.add_task(what)

        def count(done: int) -> None:
            bar.update(line, description=f"{what}: {done:,} {unit}")

        yield count


def tell(faults: tuple[Fault, ...]) -> None:
    """All that was found, the worst first, and the exit code it means: 1 for an error. A warning
    and what could not be judged are no errors."""
    for severity in Severity:
        for fault in faults:
            if fault.severity is severity:
                say_fault(fault)
    counts = Counter(fault.severity for fault in faults)
    words = [f"{counts[one]} {one}{'s' * (counts[one] != 1)}" for one in Severity if counts[one]]
    say.print(f"{', '.join(words)}." if words else "The checker found nothing wrong.")
    sys.exit(0 if is_sound(faults) else 1)
