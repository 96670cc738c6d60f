//! The service, as a process with real sockets.

mod stand;
mod answers;
mod on_disk;
mod shapes;
mod rounds;
mod beside;
mod starts;
mod searches;
mod hub_stand;
mod pictures;
mod pushes;
mod hub;
