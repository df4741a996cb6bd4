"""Bodies and queries of the Export Jobs API, version by version."""
