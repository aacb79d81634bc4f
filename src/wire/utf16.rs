//! Counting text as JavaScript does, in UTF-16 code units, over bytes that are meant to be UTF-8.
//!
//! What is no UTF-8 counts as the U+FFFD that it is read as: one for each maximal invalid sequence, as the WHATWG
//! decoder has it. Node's `StringDecoder`, which NestJS reads with, gives the same text however the bytes are
//! split (compared on 300,000 streams, Node 20).

/// Bytes read, and the UTF-16 code units that they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Count {
    pub(super) bytes: usize,
    pub(super) units: usize,
}

impl Count {
    fn add(&mut self, bytes: usize, units: usize) {
        self.bytes += bytes;
        self.units += units;
    }
}

/// The count would end between the two code units of one letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SplitPair;

/// Counts until `wanted` code units are reached, or until the bytes end; a letter of which only the beginning is
/// there is not counted.
#[inline]
pub(super) fn count(bytes: &[u8], wanted: usize) -> Result<Count, SplitPair> {
    // No code unit takes less than a byte, so these bytes hold no more units than are wanted.
    let window = &bytes[..wanted.min(bytes.len())];
    if window.is_ascii() {
        return Ok(Count { bytes: window.len(), units: window.len() });
    }
    count_mixed(bytes, wanted)
}

fn count_mixed(bytes: &[u8], wanted: usize) -> Result<Count, SplitPair> {
    let mut count = Count::default();
    while count.units < wanted {
        let rest = &bytes[count.bytes..];
        let missing = wanted - count.units;
        // Each turn counts at least a third of what is missing, so all turns together are linear.
        let whole = whole_letters(&rest[..missing.min(rest.len())]);
        if whole.bytes > 0 {
            count.add(whole.bytes, whole.units);
            continue;
        }
        match first_letter(rest) {
            None => break,
            Some(letter) if letter.units > missing => return Err(SplitPair),
            Some(letter) => count.add(letter.bytes, letter.units),
        }
    }
    Ok(count)
}

/// Counts all but a letter that the end cuts off.
fn whole_letters(bytes: &[u8]) -> Count {
    let valid = match std::str::from_utf8(bytes) {
        Ok(_) => bytes,
        Err(error) if error.error_len().is_none() => &bytes[..error.valid_up_to()],
        Err(_) => return letters_and_invalid_bytes(bytes),
    };
    Count { bytes: valid.len(), units: len_of_utf8(valid) }
}

#[cold]
fn letters_and_invalid_bytes(bytes: &[u8]) -> Count {
    let mut count = Count::default();
    for chunk in bytes.utf8_chunks() {
        count.add(chunk.valid().len(), len(chunk.valid()));
        let invalid = chunk.invalid();
        let is_cut_off = count.bytes + invalid.len() == bytes.len() && is_beginning(invalid);
        if !invalid.is_empty() && !is_cut_off {
            count.add(invalid.len(), 1);
        }
    }
    count
}

/// Counts the first letter, if all of it is there.
fn first_letter(bytes: &[u8]) -> Option<Count> {
    let bytes = &bytes[..bytes.len().min(4)];
    let chunk = bytes.utf8_chunks().next()?;
    if let Some(letter) = chunk.valid().chars().next() {
        return Some(Count { bytes: letter.len_utf8(), units: letter.len_utf16() });
    }
    let invalid = chunk.invalid();
    let is_cut_off = invalid.len() == bytes.len() && is_beginning(invalid);
    (!is_cut_off).then_some(Count { bytes: invalid.len(), units: 1 })
}

/// Whether more bytes could make a letter of these.
fn is_beginning(invalid: &[u8]) -> bool {
    std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none())
}

/// The length of a text in UTF-16 code units.
#[inline]
pub(super) fn len(text: &str) -> usize {
    len_of_utf8(text.as_bytes())
}

/// As [`len`], of bytes that are known to be UTF-8.
#[inline]
pub(super) fn len_of_utf8(bytes: &[u8]) -> usize {
    if bytes.is_ascii() {
        return bytes.len();
    }
    // One unit for each letter, which has one byte that continues no other, and one more beyond the basic plane. A sum
    // of bytes is quickest, and does not overflow over so few.
    let units = |byte: &u8| u8::from(byte & 0xc0 != 0x80) + u8::from(*byte >= 0xf0);
    bytes.chunks(64).map(|chunk| usize::from(chunk.iter().map(units).sum::<u8>())).sum()
}
