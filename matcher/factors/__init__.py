"""The parts of the score, one a file, each with its source; ``registry`` lists them."""
