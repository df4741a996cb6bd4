"""The text formats of transparency logs: signed notes, checkpoints, cosignatures, proofs.

Pure functions over text and bytes. The formats are public ones (C2SP, RFC 6962), so that programs
which share nothing with ours read what we write, and the other way round.
"""
