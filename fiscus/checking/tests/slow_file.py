"""A file that takes the checker seconds on any machine: 17 MB of invoices. What is wrong from its
beginning would be told at once."""

from bench import console_check

SLOW = console_check.HEAD.encode() + b"".join(
    console_check.INVOICE.format(n=number, hash=console_check.HASH).encode()
    for number in range(1, 10_001)
)
