"""The software TSE: TEST only, with the memory, users and order of a real device."""
