"""The classical iterations on the misfit between h * f and g."""
