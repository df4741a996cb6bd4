"""Between the family's words and ours: drafts out of bodies, answers out of records. Pure."""
