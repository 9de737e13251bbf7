"""What is on offer: the document types that a school may issue today, and the pages and files behind their names."""
