"""HTTP: one request pipeline for all API families, each translating to the same few orders."""
