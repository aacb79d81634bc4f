//! The orders topology, from outside: its binary is run, and what it says is read.

mod ctrl_c;
mod files;
mod help;
mod replay;
mod report;
mod rows;
mod sample;
mod shop;
mod stock;
