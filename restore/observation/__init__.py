"""g on its grid: what lies outside the frame, what is masked, and the completion that makes circular filters right."""
