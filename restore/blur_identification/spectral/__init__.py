"""The blur of a named family, by its trace in the log power spectrum."""
