"""The tables of DSFinV-K 2.4, column by column, and the index.xml that describes them."""
