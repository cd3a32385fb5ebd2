"""What the commands draw: sheets, side-by-side comparisons, charts and tables of numbers."""
