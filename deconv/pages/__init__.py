"""What the pages for a browser share: their colours and controls, light and dark, and the slider over two pictures."""
