"""The page: its files, and how they become one answer."""
