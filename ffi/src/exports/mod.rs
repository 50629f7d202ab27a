// The header shows the functions in this order; the blank lines keep the formatter from sorting it.
mod lifetime;

mod services;

mod clients;

mod metadata;

mod orders;

mod views;

mod watches;

mod policies;

mod reports;
