"""Outside formats ↔ domain objects: CSV files, JSON documents, covariate tables, model files. No database, no web.

``reading`` and ``writing`` are the CSV files of therapists, clients and ratings, ``documents`` the same as JSON, and
``schema`` the rules that both obey. Whatever cannot be taken is a Problem that names the place, the value and the mend.
"""
