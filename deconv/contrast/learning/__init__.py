"""What `contrast --learn` adds: the layer of deep learning, trained to restore, beside the Wiener filter."""
