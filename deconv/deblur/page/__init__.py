"""The page of a restoration: one HTML file that opens from a double click, with everything it shows inside."""
