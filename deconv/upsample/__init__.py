"""The upsample command: enlarge a feature map by transposed convolution."""
