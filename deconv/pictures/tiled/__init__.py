"""Pictures larger than memory: read and written a part at a time, whole or not at all, and gone on with when killed."""
