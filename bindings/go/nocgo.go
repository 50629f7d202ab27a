//go:build !cgo

package steadfast

// The registry is a library in Rust that this package links, so it cannot be built without cgo. The undefined name
// below is what the compiler then reports.
var _ = steadfast_needs_cgo__set_CGO_ENABLED_to_1_and_install_a_C_compiler
