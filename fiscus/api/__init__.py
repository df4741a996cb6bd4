"""The door: one folder per API family, all translating to the same few orders."""
