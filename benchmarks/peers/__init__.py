"""What our figures stand beside: other methods, and other people's programs."""
