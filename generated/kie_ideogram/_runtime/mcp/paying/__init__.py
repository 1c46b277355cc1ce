"""What is paid for: the dry run and its token, the submission, and the budgets."""
