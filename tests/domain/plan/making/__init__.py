"""The acts by which a plan is written, consulted on, agreed, made final and lived with."""
