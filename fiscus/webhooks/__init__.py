"""Tells endpoints of callers what happened here.

Who wants to be told is a subscription. What happened is noted in the transaction in which it
happens, with a task of the outbox for each one who is told; the worker signs and sends it.
"""
