"""Keeps books of what was sold: entries made of sealed records, and the jobs that carry them into
an accounting system."""
