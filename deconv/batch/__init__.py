"""One input or many: which files, in how many processes, and what came of each."""
