"""Early warning: what is out of the ordinary at an account, judged by what was known on the day."""
