"""Where each tap of a kernel lands, and the forms in which convolution and its transpose sum there."""
