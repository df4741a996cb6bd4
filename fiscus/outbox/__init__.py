"""Work to be done after the commit: enqueued inside it, leased, retried, given up loudly."""
