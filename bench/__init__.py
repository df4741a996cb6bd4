"""How fast it is, measured: load, exports, the verifier. The storms use the same client."""
