"""The writer: from journal records to the files of one archive."""
