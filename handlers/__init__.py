"""What is said: one module for each thing a person comes for."""
