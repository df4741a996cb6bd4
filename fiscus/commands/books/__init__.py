"""`fiscus books`: the books of companies, and what their accountants get."""
