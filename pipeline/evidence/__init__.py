"""What a figure was made of: the look-ups of its metric, the rows of each fact, and how many there were."""
