"""Two-way review (双向评价), star ratings with their plates, and indicators kept by period with both of their counts."""
