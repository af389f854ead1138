//! Builds again when a migration is added; the compiler does not see that by itself.
fn main() {
    std::io::Write::write_all(&mut std::io::stdout(), b"cargo:rerun-if-changed=migrations\n").ok();
}
