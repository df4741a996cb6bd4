"""Turns orders into sealed records; the only room that appends to the journal."""
