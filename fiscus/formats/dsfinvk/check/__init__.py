"""The checker: an archive as an auditor reads it, against the tables and their rules."""
