//! Lambda: environments that are reused, expire and run out, against exact answers; cold starts
//! against published measurements.

mod cold_starts;
mod environments;
