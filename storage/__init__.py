"""What the town remembers: one module for each thing of the town. It never commits and never sends."""
