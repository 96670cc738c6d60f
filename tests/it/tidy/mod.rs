//! The house rules, read off the parsed source: ARCHITECTURE.md is the page, `table` its tables, `house` holds the program
//! against them, `planted` shows that each rule bites in each spelling.

mod table;
mod tree;
mod names;
mod rules;
mod shape;
mod house;
mod planted;
mod cases;
mod paths;
mod learned;
