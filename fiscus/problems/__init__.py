"""What is wrong in an installation or will be soon, as rows that need no language: for whoever
watches the service (`/health`) and for the people of an organization (the console).

A row says what kind of trouble it is, what it concerns, since when, and until when something must
be done. Each function of the modules beside this one finds the rows of one kind or a few; the lists
in `listing.py` say who is told which.
"""
