"""Who exists and since when: organizations, taxpayers, locations, registers, signers, series, keys.

Every change is a new version; the versions stay, so that a record can show its place as it was.
"""
