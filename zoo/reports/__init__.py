"""What is told of models: tables and trees, each in every format."""
