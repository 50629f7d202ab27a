//! A lock-light service registry core with a pluggable state policy.
