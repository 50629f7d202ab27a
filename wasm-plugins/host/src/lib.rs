//! Turns policy components into tables and watches a policies folder.
