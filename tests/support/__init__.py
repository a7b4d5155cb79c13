"""What tests share: fictional plans, platforms in temporary folders."""
