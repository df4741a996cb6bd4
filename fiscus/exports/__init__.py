"""Turns a selection of records into a file; owns the job and its states."""
