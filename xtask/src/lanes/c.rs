//! The lane that compiles and runs C: the header alone, the tests of the ABI, the examples.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::console;
use crate::lanes::report::Run;
use crate::lanes::symbols;
use crate::products;
use crate::project::{Project, files_with_extension};
use crate::step::Step;

/// Each `.c` file in these folders is one program. It runs in an empty folder, and exit code 0 means that it passed.
pub(crate) const TESTS: &str = "ffi/tests/c";
pub(crate) const EXAMPLES: &str = "examples/c";
const INCLUDE: &str = "include";
const STRICT: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];
const SANITIZERS: [&str; 5] =
    ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer", "-g", "-O1"];
/// What the Rust standard library asks of the system's linker.
const SYSTEM_LIBRARIES: [&str; 5] = ["-lgcc_s", "-lpthread", "-ldl", "-lm", "-lrt"];
const PROGRAM_LIMIT: Duration = Duration::from_mins(2);

pub(crate) fn run(run: &mut Run<'_>) -> Result<()> {
    check_header(run)?;
    // Sanitizers and a 100 MB engine do not go together, and C cannot see the difference: the symbols are the same.
    let library = products::library_without_wasm(run.project)?;
    console::line(&format!("  exported symbols against {}", symbols::LIST));
    let same = symbols::check(run.project, &library.shared)?;
    run.verdict(same);
    for folder in [TESTS, EXAMPLES] {
        let sources = files_with_extension(&run.project.path(folder), "c")?;
        if sources.is_empty() {
            bail!("{folder} holds no C program");
        }
        for source in sources {
            let passed = run_program(run.project, &source, &library.archive)?;
            run.program(&source, passed);
        }
    }
    Ok(())
}

/// The header compiles alone, twice in one unit, as C and as C++.
fn check_header(run: &mut Run<'_>) -> Result<()> {
    let folder = run.project.scratch("c")?;
    for (compiler, standard, extension) in [(c_compiler(), "-std=c11", "c"), (cxx_compiler(), "-std=c++17", "cpp")] {
        let unit = folder.join(format!("header_twice.{extension}"));
        fs::write(&unit, "#include \"steadfast.h\"\n#include \"steadfast.h\"\n")
            .with_context(|| format!("cannot write {}", unit.display()))?;
        let compile = Step::new(run.project, compiler).args([standard, "-fsyntax-only", "-I", INCLUDE]);
        run.check(&compile.args(STRICT).arg(&unit))?;
    }
    Ok(())
}

fn run_program(project: &Project, source: &Path, archive: &Path) -> Result<bool> {
    let name = source.file_stem().context("a source without a name")?;
    let program = project.scratch("c")?.join(name);
    let folder = empty_folder(&program.with_extension("run"))?;
    let compiled = Step::new(project, c_compiler())
        .args(["-std=c11", "-I", INCLUDE])
        .args(STRICT)
        .args(SANITIZERS)
        .arg(source)
        .arg(archive)
        .args(SYSTEM_LIBRARIES)
        .arg("-o")
        .arg(&program)
        .run(project)?;
    if !compiled.success {
        return Ok(false);
    }
    let ran = Step::new(project, &program)
        .folder(folder)
        .variable("ASAN_OPTIONS", "detect_leaks=1:detect_stack_use_after_return=1")
        .variable("UBSAN_OPTIONS", "print_stacktrace=1")
        .limit(PROGRAM_LIMIT)
        .run(project)?;
    Ok(ran.success)
}

fn empty_folder(folder: &Path) -> Result<PathBuf> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder.to_owned())
}

/// For the doctor: a program with both sanitizers must compile, link and run, and a C++ compiler must be there.
pub(crate) fn check_compilers(project: &Project) -> Result<String> {
    let folder = project.scratch("c")?;
    let (source, program) = (folder.join("sanitized.c"), folder.join("sanitized"));
    fs::write(&source, "int main(void) { return 0; }\n")?;
    let (c, cxx) = (c_compiler(), cxx_compiler());
    silently(&c, &[&["-std=c11"], SANITIZERS.as_slice()].concat(), &source, Some(&program))
        .context("a C program with -fsanitize=address,undefined cannot be built")?;
    silently(&program.into(), &[], Path::new(""), None).context("a C program with sanitizers cannot be run")?;
    silently(&cxx, &["-std=c++17", "-fsyntax-only", "-x", "c++"], &source, None)
        .context("a C++ program cannot be built")?;
    Ok(format!("{} and {}", c.to_string_lossy(), cxx.to_string_lossy()))
}

fn silently(program: &OsString, args: &[&str], source: &Path, output: Option<&Path>) -> Result<()> {
    let mut command = std::process::Command::new(program);
    command.args(args);
    if !source.as_os_str().is_empty() {
        command.arg(source);
    }
    if let Some(output) = output {
        command.arg("-o").arg(output);
    }
    let said = command.output().with_context(|| format!("`{}` is not on PATH", program.to_string_lossy()))?;
    if !said.status.success() {
        bail!("`{}` says: {}", program.to_string_lossy(), String::from_utf8_lossy(&said.stderr).trim());
    }
    Ok(())
}

fn c_compiler() -> OsString {
    env::var_os("CC").unwrap_or_else(|| "cc".into())
}

fn cxx_compiler() -> OsString {
    env::var_os("CXX").unwrap_or_else(|| "c++".into())
}
