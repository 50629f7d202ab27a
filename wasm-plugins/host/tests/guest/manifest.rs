//! A manifest as it lies in a guest's memory, laid out by the canonical ABI.

/// The fields that tests change; the others have harmless values.
#[derive(Clone)]
pub struct Manifest {
    pub name: Vec<u8>,
    pub unhealthy_from: u8,
    pub silence_ms: Vec<u64>,
    pub absence_ms: Vec<u64>,
    pub lapse_ms: Option<u64>,
    /// Names of classes; each has one condition, on the ip.
    pub classes: Vec<String>,
    /// The glob of those conditions.
    pub glob: String,
    pub memo_size: u8,
    pub reasons: Vec<String>,
    pub laws: Vec<String>,
    pub extras: Vec<(String, String)>,
    /// Bytes that go over the finished record, by their offset in it: what no compiler would write.
    pub raw: Vec<(usize, Vec<u8>)>,
}

/// Where fields lie that tests overwrite. A list or a text is its address, then its length.
pub const NAME: usize = 0;
pub const SILENCE: usize = 24;
pub const LAPSE: usize = 48;
pub const CLASSES: usize = 64;
pub const REASONS: usize = 80;
pub const LAWS: usize = 88;

/// Bytes of the record.
const RECORD: usize = 104;
/// A result is its discriminant, then its payload at the payload's alignment.
const PAYLOAD: usize = 8;

/// `ok(manifest)` for an address in the guest's memory.
pub fn ok(manifest: &Manifest, address: u32) -> Vec<u8> {
    let mut memory = Memory { address, bytes: vec![0; PAYLOAD + RECORD] };
    memory.text_at(NAME, &manifest.name);
    memory.text_at(8, b"1.0.0");
    memory.text_at(16, b"made for a test");
    memory.thresholds_at(SILENCE, &manifest.silence_ms);
    memory.byte_at(32, manifest.unhealthy_from);
    memory.thresholds_at(36, &manifest.absence_ms);
    if let Some(lapse_ms) = manifest.lapse_ms {
        memory.byte_at(LAPSE, 1);
        memory.bytes_at(LAPSE + 8, &lapse_ms.to_le_bytes());
    }
    memory.classes_at(CLASSES, &manifest.classes, &manifest.glob);
    memory.byte_at(72, manifest.memo_size);
    memory.texts_at(REASONS, &manifest.reasons.iter().map(String::as_str).collect::<Vec<_>>(), 1);
    memory.texts_at(LAWS, &manifest.laws.iter().map(String::as_str).collect::<Vec<_>>(), 1);
    let extras: Vec<_> = manifest.extras.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]).collect();
    memory.texts_at(96, &extras, 2);
    for (at, bytes) in &manifest.raw {
        memory.bytes_at(*at, bytes);
    }
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
        self.bytes_at(field, &[value]);
    }

    fn bytes_at(&mut self, field: usize, bytes: &[u8]) {
        self.bytes[PAYLOAD + field..][..bytes.len()].copy_from_slice(bytes);
    }

    fn thresholds_at(&mut self, field: usize, after_ms: &[u64]) {
        let items: Vec<u8> = after_ms.iter().flat_map(|ms| threshold(*ms)).collect();
        self.list_at(field, &items, after_ms.len());
    }

    fn classes_at(&mut self, field: usize, names: &[String], glob: &str) {
        let mut items = Vec::new();
        for name in names {
            let (at, pattern) = (self.append(name.as_bytes()), self.append(glob.as_bytes()));
            // Subject `ip`, no key, the glob.
            let condition = [4, 0, 0, pattern, u32::try_from(glob.len()).unwrap()].map(u32::to_le_bytes).concat();
            let conditions = self.append(&condition);
            let length = u32::try_from(name.len()).unwrap();
            items.extend([at, length, conditions, 1].map(u32::to_le_bytes).concat());
        }
        self.list_at(field, &items, names.len());
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
