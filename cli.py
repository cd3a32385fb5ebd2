"""The program: parse, compose the commands of the packages, report."""
