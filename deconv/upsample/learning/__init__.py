"""What `upsample --learn` does: a kernel from pictures, compared with the fixed ones on a picture it did not see."""
