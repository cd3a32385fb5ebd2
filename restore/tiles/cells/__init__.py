"""What is told of a large picture cell by cell: unknown samples, and areas that hold no picture."""
