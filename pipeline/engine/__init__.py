"""How rows become readings: exact sums, ownership, currencies, subjects, and what metrics see."""
