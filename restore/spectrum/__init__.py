"""S: the power of a picture per frequency, as it is seen and as the laws of natural pictures describe it."""
