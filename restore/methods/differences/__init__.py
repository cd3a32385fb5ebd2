"""Priors on the differences of neighbouring samples: few of them are large."""
