"""A blur that changes over the picture: the methods that take one."""
