"""The pages that people look at: merchants, accountants, auditors, customers, operators.

A page asks the same functions as the APIs and shows what they say. There is no second way into the
journal. What a page is, stands in `fiscus.console.visit`; all of them in `fiscus.console.routes`.
"""

from fiscus.console.routes import nowhere, served

__all__ = ["nowhere", "served"]
