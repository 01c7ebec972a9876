"""Many runs, their pooled verdicts and executors."""
