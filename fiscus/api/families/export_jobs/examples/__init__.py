"""Bodies as callers send and get them: for the OpenAPI document, and checked by its tests."""

import re
from typing import Any

from fiscus.api.families.export_jobs.examples import books, jobs

REQUESTS: dict[str, Any] = {**jobs.REQUESTS, **books.REQUESTS}
ANSWERS: dict[str, Any] = {**jobs.ANSWERS, **books.ANSWERS}

_VERSION = re.compile("V[0-9]$")


def answer(operation: str) -> Any:
    """By the operation's name, with its version or without; None: there is none."""
    return ANSWERS.get(operation, ANSWERS.get(_VERSION.sub("", operation)))
