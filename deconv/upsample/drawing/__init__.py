"""The figure of an enlargement: map and result, every stage number by number, the kernel and its checkerboard."""
