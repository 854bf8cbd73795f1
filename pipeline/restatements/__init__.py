"""What changed between two runs: figures told twice, the rows that are behind the difference, and by what they changed."""
