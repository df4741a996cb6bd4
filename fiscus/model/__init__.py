"""The words of the trade: drafts, cases, seals, records, faults, amounts, times."""
