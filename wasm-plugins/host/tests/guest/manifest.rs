//! A manifest as it lies in a guest's memory, laid out by the canonical ABI.

/// The fields that tests change; the others have harmless values.
#[derive(Clone)]
pub struct Manifest {
    pub name: Vec<u8>,
    pub unhealthy_from: u8,
    pub silence_ms: Vec<u64>,
    pub memo_size: u8,
    pub reasons: Vec<String>,
    pub laws: Vec<String>,
    pub extras: Vec<(String, String)>,
}

/// Bytes of the record.
const RECORD: usize = 104;
/// A result is its discriminant, then its payload at the payload's alignment.
const PAYLOAD: usize = 8;

/// `ok(manifest)` for an address in the guest's memory.
pub fn ok(manifest: &Manifest, address: u32) -> Vec<u8> {
    let mut memory = Memory { address, bytes: vec![0; PAYLOAD + RECORD] };
    let thresholds: Vec<u8> = manifest.silence_ms.iter().flat_map(|ms| threshold(*ms)).collect();
    memory.text_at(0, &manifest.name);
    memory.text_at(8, b"1.0.0");
    memory.text_at(16, b"made for a test");
    memory.list_at(24, &thresholds, manifest.silence_ms.len());
    memory.byte_at(32, manifest.unhealthy_from);
    memory.byte_at(72, manifest.memo_size);
    memory.texts_at(80, &manifest.reasons.iter().map(String::as_str).collect::<Vec<_>>(), 1);
    memory.texts_at(88, &manifest.laws.iter().map(String::as_str).collect::<Vec<_>>(), 1);
    let extras: Vec<_> = manifest.extras.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]).collect();
    memory.texts_at(96, &extras, 2);
    memory.bytes
}

/// `err(message)`.
pub fn err(message: &str, address: u32) -> Vec<u8> {
    let mut memory = Memory { address, bytes: vec![0; PAYLOAD + RECORD] };
    memory.bytes[0] = 1;
    memory.text_at(0, message.as_bytes());
    memory.bytes
}

/// Without an override key.
fn threshold(after_ms: u64) -> [u8; 24] {
    let mut bytes = [0; 24];
    bytes[..8].copy_from_slice(&after_ms.to_le_bytes());
    bytes
}

struct Memory {
    address: u32,
    bytes: Vec<u8>,
}

impl Memory {
    fn byte_at(&mut self, field: usize, value: u8) {
        self.bytes[PAYLOAD + field] = value;
    }

    fn text_at(&mut self, field: usize, text: &[u8]) {
        self.list_at(field, text, text.len());
    }

    /// A list of texts, or with `texts_per_item` of tuples of texts.
    fn texts_at(&mut self, field: usize, texts: &[&str], texts_per_item: usize) {
        let mut items = Vec::new();
        for text in texts {
            let (at, bytes) = (self.append(text.as_bytes()), text.len());
            items.extend(at.to_le_bytes());
            items.extend(u32::try_from(bytes).unwrap().to_le_bytes());
        }
        self.list_at(field, &items, texts.len() / texts_per_item);
    }

    fn list_at(&mut self, field: usize, items: &[u8], count: usize) {
        let at = self.append(items);
        let field = PAYLOAD + field;
        self.bytes[field..field + 4].copy_from_slice(&at.to_le_bytes());
        self.bytes[field + 4..field + 8].copy_from_slice(&u32::try_from(count).unwrap().to_le_bytes());
    }

    /// Aligned for everything that a manifest holds.
    fn append(&mut self, bytes: &[u8]) -> u32 {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let at = self.address + u32::try_from(self.bytes.len()).unwrap();
        self.bytes.extend(bytes);
        at
    }
}
