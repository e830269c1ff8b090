"""What works on tasks."""
