"""Turns orders into sealed records; the only package that appends to the journal."""
