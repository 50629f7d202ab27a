//! From a `.wasm` file to a table: checks, compiles and asks a policy component, and watches a folder of them.
//!
//! [`load`] takes the bytes of a component and gives a [`LoadedPolicy`], or one [`LoadError`] that says what is wrong
//! and what to do about it. Guest code runs only there, on a thread of its own, in a sandbox without a single import,
//! bounded in memory and work; what comes out is a [`Table`](steadfast_policy::Table), and from then on deciding
//! never touches WebAssembly again.
//!
//! ```text
//! bytes ─▶ size, digest ─▶ scan ─▶ compile ─▶ imports, exports ─▶ configure ─▶ every possible facts, twice
//!       ─▶ guard rails ─▶ laws ─▶ table
//! ```
//!
//! [`PolicyFolder`] does this for every file of a folder whenever one changes, and tells its owner which policy to
//! install; [`attach`] makes a registry that owner. A bad file never replaces a good policy.
//!
//! ```no_run
//! use steadfast_wasm::{Limits, Params, load};
//!
//! let bytes = std::fs::read("policies/admin-sticky.wasm")?;
//! let policy = load(&bytes, &Params::new(), &Limits::default())?;
//! println!("{} answers {} questions, digest {}", policy.name, policy.facts, policy.digest);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Routes
//!
//! One policy of the folder is active and decides by default. A file `routes.toml` beside the policies gives namespaces,
//! groups and single services policies of their own; the narrowest route wins:
//!
//! ```toml
//! [[route]]
//! namespace = "public"
//! group = "payments"        # optional
//! service = "orders"        # optional, needs a group
//! policy = "restart-clears" # restart-clears.wasm of this folder; without that file, the built-in policy of the name
//! ```
//!
//! The file holds as a whole or not at all. A key that nothing reads, two routes for one scope, a policy that is not there
//! or bad: any of these refuses all of it, with one announcement, and the routes before it hold on. A policy that a route
//! names can be exchanged like the active one, and so can its parameters. Without the file no route holds.
//!
//! # Modules, in the order in which a file meets them
//!
//! `params` and `digest` read what lies beside the component and name the pair; `scan` and `cost` refuse what would be
//! dear to compile; `engine` compiles; `interface` compares imports and exports with the world; `guest` is one instance with
//! its bounds; `manifest` and `record` translate; `foreign` makes its texts fit for a log; `tabulate` asks; `load` runs
//! all of it on its thread and tells its `progress`; `loader` remembers the last tables; `folder` watches; `attach`
//! installs.

mod attach;
mod cost;
mod digest;
mod engine;
mod error;
mod folder;
mod foreign;
mod guest;
mod interface;
mod limits;
mod load;
mod loader;
mod manifest;
mod params;
mod progress;
mod record;
mod scan;
mod tabulate;
mod world;

pub use attach::attach;
pub use digest::{Digest, digest};
pub use error::{Halt, LoadError};
pub use folder::{
    ANY_POLICY, FileError, FileState, FileStatus, FolderError, FolderEvent, FolderOptions, FolderStatus, PolicyFolder,
    ROUTES_FILE, RouteStatus, RoutesError, RoutesStatus,
};
pub use limits::{LOAD_BYTES_MAX, Limits};
pub use load::{Cancel, LoadedPolicy, load, load_telling, load_unproven};
pub use loader::{Loader, TABLES_MAX};
pub use params::{Params, ParamsError, read_params};
pub use progress::Progress;
