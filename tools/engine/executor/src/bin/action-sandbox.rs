//! The sandbox's entry as a program of its own, for callers that cannot run themselves again.

fn main() {
    executor::sandbox_main()
}
