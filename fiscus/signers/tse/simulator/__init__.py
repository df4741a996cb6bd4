"""The far side of the cloud adapter: TEST only, it signs with software TSEs."""
