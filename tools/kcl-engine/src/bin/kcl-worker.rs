//! A program that is nothing but the worker: for callers that cannot start
//! themselves again, such as test binaries.

fn main() -> std::process::ExitCode {
    kcl_engine::worker_main_if_requested();
    eprintln!("kcl-worker answers one KCL request for another program; it has no use by hand");
    std::process::ExitCode::from(2)
}
