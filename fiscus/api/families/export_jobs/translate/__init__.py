"""Between the books and the words of the contract."""
