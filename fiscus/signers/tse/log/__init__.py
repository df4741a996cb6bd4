"""The log of a TSE as the guidelines write it: messages, certificates, archives, a verifier."""
