"""What is said? The facts of a run or campaign as plain values, in words, before anything is drawn."""
