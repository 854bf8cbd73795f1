"""How exports become canonical tables: reading files, the mapping language, casts, merging."""
