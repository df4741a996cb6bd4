"""What authorities are told of records: noted with them, sent after the commit, kept in order.

Reports of one series stand in one line. One task of the outbox works a line off, several lines at
once in several processes. An outcome that is not known stops its line until it is; a refusal is for
a person, and the line goes on. Nothing is ever given up.
"""
