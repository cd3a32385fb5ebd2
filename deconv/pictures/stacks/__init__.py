"""What a file says of its stack: how the planes are arranged, and how large a voxel is and under which lens."""
