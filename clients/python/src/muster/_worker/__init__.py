"""The worker: what runs an agent."""
