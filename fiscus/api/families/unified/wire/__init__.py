"""The family's JSON, spelled exactly: shapes are checked here, nothing is judged.

One module per resource. Each shows closed models and, for what may be sent, a `TypeAdapter`
that validates raw bytes once. Members the contract does not know but we accept are marked
with `extension()`.
"""
