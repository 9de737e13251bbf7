"""What is asked for, in the words of the catalogue: templates as data, expanded to every type and format accepted."""
