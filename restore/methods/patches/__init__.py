"""The resemblance of a picture to itself: patches that look alike are restored together."""
