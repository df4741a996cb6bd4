"""The domain as frozen values: drafts, cases, orders, seals, records, faults, amounts, times."""
