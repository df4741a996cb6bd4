"""Grammars of XML written as tables: what may stand where, how often, and with which values.

An official schema is a third party's text that we neither ship nor depend on; a table states the
same facts in a line for each element. `tables` reads the rows, `values` judges simple values as XML
Schema 1.0 does, `reading` goes through an element and hands it on as plain names and texts.
"""
