"""The matching core of Rapport: what `web/services` may use, and nothing else."""
