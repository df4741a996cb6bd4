"""Work to be done after the commit: enqueued inside it, leased, retried, and reported when it is
given up."""
