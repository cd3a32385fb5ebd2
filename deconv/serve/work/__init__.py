"""What the page asks for is worked out here: the blur, previews of a part, the whole picture."""
