"""Spreadsheets as text: from bytes to numbered rows, from cells to the values of a document, and back."""
