"""The database as it is: every table once, transactions, triggers, migrations, and artifacts."""
