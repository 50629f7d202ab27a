//! The embedded default store of Steadfast: one redb file.
