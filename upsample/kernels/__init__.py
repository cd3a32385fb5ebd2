"""Kernels to start from or to stay with: interpolating ones, one that was learned, and random ones."""
