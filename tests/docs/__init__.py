"""The pages of docs/ against what they speak of."""
