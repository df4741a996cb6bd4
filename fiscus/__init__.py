"""Fiscus: the fiscal backend you run yourself."""

__version__ = "0.1.0.dev0"
