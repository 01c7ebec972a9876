"""What is printed? The card in the terminal, and JUnit's file for other tools."""
