"""One gain per frequency: the inverse, the Wiener filter and constrained least squares."""
