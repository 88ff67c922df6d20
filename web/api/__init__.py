"""The same services as the pages, JSON in and JSON out."""
