"""AMI fields and AudioSocket frames."""
