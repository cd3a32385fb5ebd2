"""The contrast command: show both meanings of deconvolution on one picture."""
