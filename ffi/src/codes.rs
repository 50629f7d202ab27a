//! Every answer code of the C ABI, written out once; a number is never reused for another meaning.
//!
//! `0` is success, positive is success with something to know, negative is an error. Errors are grouped by hundreds:
//! 100 the call itself, 200 the registry's state, 300 what an id or a name points to, 400 values, 500 decisions,
//! 600 storage, 700 policies.

/// Done.
pub const STEADFAST_OK: i32 = 0;
/// Nothing is newer than what the caller already has.
pub const STEADFAST_NOT_MODIFIED: i32 = 1;
/// The time ran out before anything happened.
pub const STEADFAST_TIMEOUT: i32 = 2;
/// A batch was done in part; the rejected positions were written.
pub const STEADFAST_PARTIAL: i32 = 3;
/// The beat found no instance; the client has to register again.
pub const STEADFAST_REGISTER_AGAIN: i32 = 4;
/// The sender left, and other publishers keep the instance present.
pub const STEADFAST_REMAINS: i32 = 5;
/// The sender does not keep this instance present (an old connection, for example); nothing changed.
pub const STEADFAST_NOT_PUBLISHER: i32 = 6;
/// No instance is at this address; nothing changed.
pub const STEADFAST_NOT_PRESENT: i32 = 7;
/// There was nothing to change.
pub const STEADFAST_UNCHANGED: i32 = 8;

/// A pointer that is required is NULL.
pub const STEADFAST_E_NULL: i32 = -100;
/// `struct_size` is not the size of a structure of this or a later version.
pub const STEADFAST_E_STRUCT_SIZE: i32 = -101;
/// A reserved field is not zero, or a value or bit is set that this version does not know.
pub const STEADFAST_E_RESERVED: i32 = -102;
/// The buffer is too small; the size that is needed was written.
pub const STEADFAST_E_BUFFER_TOO_SMALL: i32 = -103;
/// A text is not UTF-8.
pub const STEADFAST_E_UTF8: i32 = -104;
/// A pointer is not aligned for its type.
pub const STEADFAST_E_MISALIGNED: i32 = -105;

/// The registry was shut down.
pub const STEADFAST_E_CLOSED: i32 = -200;
/// The registry was opened before a fork, by the parent process.
pub const STEADFAST_E_FORKED: i32 = -201;
/// A bug inside the library; the call had no effect that can be relied on.
pub const STEADFAST_E_PANIC: i32 = -202;
/// An earlier bug struck this service; lookups and beats go on, writes refuse until a restart.
pub const STEADFAST_E_POISONED: i32 = -203;
/// This build of the library cannot do it.
pub const STEADFAST_E_UNSUPPORTED: i32 = -204;
/// The registry keeps time by its own threads; only one opened with `STEADFAST_THREADS_NONE` is ticked.
pub const STEADFAST_E_OWN_THREADS: i32 = -205;
/// A thread could not be started.
pub const STEADFAST_E_THREAD: i32 = -206;
/// The system gave no descriptor to wait with.
pub const STEADFAST_E_DESCRIPTOR: i32 = -207;

/// No service has this id.
pub const STEADFAST_E_UNKNOWN_SERVICE: i32 = -300;
/// No watch queue has this id.
pub const STEADFAST_E_UNKNOWN_QUEUE: i32 = -301;
/// Nothing is known by this name or address.
pub const STEADFAST_E_NOT_FOUND: i32 = -302;
/// The address is not registered, so there is nothing to update.
pub const STEADFAST_E_NOT_REGISTERED: i32 = -303;

/// A name, host or other text is empty, too long, or holds a character that is not allowed.
pub const STEADFAST_E_NAME: i32 = -400;
/// A port is not between 1 and 65535.
pub const STEADFAST_E_PORT: i32 = -401;
/// A weight is not a number between 0 and 10000.
pub const STEADFAST_E_WEIGHT: i32 = -402;
/// Metadata is malformed, has too many pairs, or is too large.
pub const STEADFAST_E_METADATA: i32 = -403;
/// The end of an order is not in the future.
pub const STEADFAST_E_UNTIL: i32 = -404;
/// An option has a value that cannot be used.
pub const STEADFAST_E_OPTION: i32 = -405;
/// Liveness by connection was asked for without naming a connection.
pub const STEADFAST_E_NO_CONNECTION: i32 = -406;
/// A bound of the registry is reached.
pub const STEADFAST_E_FULL: i32 = -407;
/// A batch or an array is longer than allowed.
pub const STEADFAST_E_TOO_MANY: i32 = -408;
/// A selector asks for nothing, or a glob or key in it cannot be one.
pub const STEADFAST_E_SELECTOR: i32 = -409;

/// The state policy said no; the message is its reason.
pub const STEADFAST_E_REFUSED: i32 = -500;
/// The address is present as the other kind (ephemeral or persistent).
pub const STEADFAST_E_KIND: i32 = -501;

/// Reading or writing the data folder failed.
pub const STEADFAST_E_STORE: i32 = -600;
/// The data folder is in use by another process, was written by a later version, or is not ours.
pub const STEADFAST_E_STORE_UNUSABLE: i32 = -601;
/// A record in the data folder cannot be read.
pub const STEADFAST_E_RECORD: i32 = -602;

/// The policy was refused; the one before it goes on deciding.
pub const STEADFAST_E_POLICY: i32 = -700;
/// The policy breaks a law that it claims; the message shows the shortest way there.
pub const STEADFAST_E_POLICY_LAW: i32 = -701;
/// The policies folder cannot be used.
pub const STEADFAST_E_POLICY_FOLDER: i32 = -702;
/// Routes contradict each other, or one of them is for nothing that can be; what decided where before goes on.
pub const STEADFAST_E_ROUTE: i32 = -703;

/// Every code with its fixed text; the NUL is for C.
const TEXTS: &[(i32, &str)] = &[
    (STEADFAST_OK, "done\0"),
    (STEADFAST_NOT_MODIFIED, "nothing newer\0"),
    (STEADFAST_TIMEOUT, "the time ran out before anything happened\0"),
    (STEADFAST_PARTIAL, "done in part; see the rejected positions, or the report\0"),
    (STEADFAST_REGISTER_AGAIN, "no instance is there; register again\0"),
    (STEADFAST_REMAINS, "other publishers keep the instance present\0"),
    (STEADFAST_NOT_PUBLISHER, "the sender does not keep this instance present\0"),
    (STEADFAST_NOT_PRESENT, "no instance is at this address\0"),
    (STEADFAST_UNCHANGED, "there was nothing to change\0"),
    (STEADFAST_E_NULL, "a required pointer is NULL\0"),
    (STEADFAST_E_STRUCT_SIZE, "struct_size fits no version of the structure\0"),
    (STEADFAST_E_RESERVED, "a reserved or unknown field, bit or value is set\0"),
    (STEADFAST_E_BUFFER_TOO_SMALL, "the buffer is too small\0"),
    (STEADFAST_E_UTF8, "a text is not UTF-8\0"),
    (STEADFAST_E_MISALIGNED, "a pointer is not aligned for its type\0"),
    (STEADFAST_E_CLOSED, "the registry is shut down\0"),
    (STEADFAST_E_FORKED, "the registry belongs to the process that forked; open one in this process\0"),
    (STEADFAST_E_PANIC, "a bug inside the library\0"),
    (STEADFAST_E_POISONED, "an earlier bug struck this service; it takes no more writes until a restart\0"),
    (STEADFAST_E_UNSUPPORTED, "this build of the library cannot do it\0"),
    (STEADFAST_E_OWN_THREADS, "the registry keeps time by its own threads\0"),
    (STEADFAST_E_THREAD, "a thread could not be started\0"),
    (STEADFAST_E_DESCRIPTOR, "the system gave no descriptor\0"),
    (STEADFAST_E_UNKNOWN_SERVICE, "no service has this id\0"),
    (STEADFAST_E_UNKNOWN_QUEUE, "no watch queue has this id\0"),
    (STEADFAST_E_NOT_FOUND, "nothing is known by this name or address\0"),
    (STEADFAST_E_NOT_REGISTERED, "the address is not registered\0"),
    (STEADFAST_E_NAME, "a text is empty, too long, or holds a character that is not allowed\0"),
    (STEADFAST_E_PORT, "a port is not between 1 and 65535\0"),
    (STEADFAST_E_WEIGHT, "a weight is not a number between 0 and 10000\0"),
    (STEADFAST_E_METADATA, "metadata is malformed, has too many pairs, or is too large\0"),
    (STEADFAST_E_UNTIL, "the end of an order is not in the future\0"),
    (STEADFAST_E_OPTION, "an option has a value that cannot be used\0"),
    (STEADFAST_E_NO_CONNECTION, "liveness by connection needs a connection\0"),
    (STEADFAST_E_FULL, "a bound of the registry is reached\0"),
    (STEADFAST_E_TOO_MANY, "a batch or an array is longer than allowed\0"),
    (STEADFAST_E_SELECTOR, "a selector asks for nothing, or cannot be read\0"),
    (STEADFAST_E_REFUSED, "refused by the state policy\0"),
    (STEADFAST_E_KIND, "the address is present as the other kind\0"),
    (STEADFAST_E_STORE, "reading or writing the data folder failed\0"),
    (STEADFAST_E_STORE_UNUSABLE, "the data folder cannot be used by this process\0"),
    (STEADFAST_E_RECORD, "a record in the data folder cannot be read\0"),
    (STEADFAST_E_POLICY, "the policy was refused\0"),
    (STEADFAST_E_POLICY_LAW, "the policy breaks a law that it claims\0"),
    (STEADFAST_E_POLICY_FOLDER, "the policies folder cannot be used\0"),
    (STEADFAST_E_ROUTE, "the routes were refused\0"),
];

/// The fixed text of a code, ending in NUL; one text for all codes that this version does not know.
pub(crate) fn text_with_nul(code: i32) -> &'static str {
    TEXTS.iter().find(|(known, _)| *known == code).map_or("unknown code\0", |(_, text)| text)
}

/// The fixed text of a code, for messages.
pub(crate) fn text(code: i32) -> &'static str {
    text_with_nul(code).trim_end_matches('\0')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Names and numbers of every constant above, as the source spells them.
    fn constants() -> Vec<(String, i32)> {
        include_str!("codes.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("pub const "))
            .map(|line| {
                let (name, value) = line.split_once(": i32 = ").expect("a code is an i32");
                (name.to_owned(), value.trim_end_matches(';').parse().expect("a code is written out"))
            })
            .collect()
    }

    #[test]
    fn codes_equal_the_committed_table() {
        let table: Vec<(String, i32)> = include_str!("../codes.txt")
            .lines()
            .map(|line| {
                let (code, name) = line.split_once(' ').expect("code, blank, name");
                (name.to_owned(), code.parse().expect("a number"))
            })
            .collect();
        assert_eq!(constants(), table, "a code may be added to ffi/codes.txt, never changed or reused");
    }

    #[test]
    fn every_code_is_unique_and_has_a_text_of_its_own() {
        let constants = constants();
        let codes: BTreeSet<i32> = constants.iter().map(|(_, code)| *code).collect();
        assert_eq!(codes.len(), constants.len());
        let texts: BTreeSet<&str> = constants.iter().map(|(_, code)| text(*code)).collect();
        assert_eq!(texts.len(), constants.len());
        assert!(!texts.contains("unknown code"), "a code has no text");
        assert!(TEXTS.iter().all(|(_, text)| text.ends_with('\0') && text.matches('\0').count() == 1));
    }

    #[test]
    fn errors_are_negative_and_named_as_such() {
        for (name, code) in constants() {
            assert_eq!(code < 0, name.starts_with("STEADFAST_E_"), "{name} is {code}");
        }
    }
}
