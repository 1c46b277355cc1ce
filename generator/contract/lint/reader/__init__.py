"""What the rules read a document with: places, references, expressions, values and shapes."""
