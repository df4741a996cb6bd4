"""The family's JSON, spelled exactly: closed objects, amounts as text, no methods."""
