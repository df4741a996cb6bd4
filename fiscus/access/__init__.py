"""Who may call: bearer tokens, API keys that are valid now, rate limits, and a budget for
bodies."""
