"""PSFs out of files: one, or those of many places."""
