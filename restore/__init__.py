"""Restoration: the deconvolution of signal processing."""
