"""What a body of this family may look like, and a query."""
