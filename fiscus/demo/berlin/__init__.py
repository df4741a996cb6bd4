"""A day in a Berlin kiosk, in the words of the Reporting API: up to what an auditor gets."""
