"""What ``make bench`` measures: time and memory from file to result, and how long the server takes to start."""
