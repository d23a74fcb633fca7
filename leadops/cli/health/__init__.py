"""What ``leadops doctor`` looks at, and what it says about it."""
