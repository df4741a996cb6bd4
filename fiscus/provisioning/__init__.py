"""Gives registers their devices, exchanges and releases them, and ends abandoned transactions."""
