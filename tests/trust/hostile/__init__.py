"""Everything that comes from outside, sent to everything that is built: no payload is ever more than text."""
