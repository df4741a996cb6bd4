"""The adapter for a cloud TSE in the shape of fiskaly SIGN DE v2."""
