"""Sphinx: the documentation as HTML, from the same Markdown that reads well in the repository."""

project = "Rapport"
author = "The founders of Rapport"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "Rapport"
exclude_patterns = ["_build"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing"]  # links to files of the repository outside docs/ are checked by tests/docs
