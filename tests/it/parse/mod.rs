//! Reading what publishers and others send.

mod documents;
